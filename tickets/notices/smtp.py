"""Messages through a gateway that takes mail."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from tickets.errors import NoticeFailed, NoticeRefused
from tickets.notices.message import Message


@dataclass(frozen=True)
class SmtpGateway:
    """Mails each message from `sender` to `to`, in which, as in `subject`, {phone} stands for the caller's number; `timeout` in seconds.

    With `security` "starttls" or "tls" the server must show a certificate that `context` trusts; nothing is ever sent in the clear then.
    """

    host: str
    port: int
    sender: str
    to: str
    subject: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def deliver(self, message: Message) -> None:
        """Mail the message; NoticeRefused where the server turns recipient or content down for good, else NoticeFailed."""
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            raise NoticeFailed(_reason(error)) from None
        try:
            self._introduced(server)
            server.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise (NoticeRefused if code >= 500 else NoticeFailed)(f"SMTP: recipient refused with {code}") from None
        except smtplib.SMTPDataError as error:
            raise (NoticeRefused if error.smtp_code >= 500 else NoticeFailed)(_reason(error)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NoticeFailed(_reason(error)) from None
        finally:
            # Whatever comes after the server has taken the mail, it has it: a bad farewell is no failure.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        name = self.sender.rpartition("@")[2]  # else the machine's own name is looked up, which may take long
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, name, timeout=self.timeout, context=self._trust())
        return smtplib.SMTP(self.host, self.port, name, timeout=self.timeout)

    def _introduced(self, server: smtplib.SMTP) -> None:
        if self.security == "starttls":
            server.starttls(context=self._trust())
        if self.user:
            server.login(self.user, self.password)

    def _trust(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = self.to.replace("{phone}", message.phone)
        mail["Subject"] = self.subject.replace("{phone}", message.phone)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="base64")
        return mail


def _reason(error: Exception) -> str:
    """Say what went wrong without the server's words, which may hold the caller's number."""
    code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    return f"SMTP: {type(error).__name__}{code}"
