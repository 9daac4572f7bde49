"""Sends the messages about tickets: looks up what to say and to whom, and hands it to the gateway."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable

import httpx

from core.cipher import Cipher
from core.logs import get_logger
from core.pii import mask
from core.settings import Settings, SettingsError
from tickets.errors import NoticeRefused
from tickets.notices.file import FileGateway
from tickets.notices.link import rating_link
from tickets.notices.load import Words, load_words
from tickets.notices.message import Gateway, Message
from tickets.notices.sent import Once
from tickets.notices.sms import SmsGateway, sms_client
from tickets.notices.smtp import SmtpGateway
from tickets.notices.text import text
from tickets.ports import Notifier, TicketRepository

_log = get_logger(__name__)
_ID = re.compile(r"(\d{1,20})-(\d{1,9})-([a-z_]{1,30})")  # of a file too: nothing else may be in it
_MOBILE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class CallerNotifier:
    """The port `Notifier` over a gateway."""

    repository: TicketRepository
    gateway: Gateway
    words: Words
    cipher: Cipher = field(repr=False)
    public_url: str = ""

    def send(self, id: str, template: str, number: str, at: datetime) -> None:
        """Send the message of the act that `id` (number-version-template) names; see the port."""
        parts = _ID.fullmatch(id)
        if parts is None or (parts[1], parts[3]) != (number, template) or template not in self.words.templates:
            raise NoticeRefused("no such message")
        ticket = self.repository.find(number)
        trail = tuple(entry for entry in self.repository.trail(number) if entry.version <= int(parts[2]))
        if ticket is None or not trail or trail[-1].version != int(parts[2]):
            raise NoticeRefused("no such act")
        if not (ticket.phone and _MOBILE.fullmatch(ticket.phone)):
            _log.info("notice_without_mobile", number=number, template=template)
            return
        lead = self.repository.find(ticket.lead) if ticket.lead else None
        said = text(self.words, template, ticket, trail, link=rating_link(self.public_url, number, self.cipher), lead=lead)
        self.gateway.deliver(Message(id, ticket.phone, said, at))
        _log.info("notice_sent", number=number, template=template, to=mask(ticket.phone))


def build_notifier(settings: Settings, repository: TicketRepository, cipher: Cipher) -> Notifier:
    """Return what sends messages as the settings say.

    Raises SettingsError naming a setting that is missing or unusable, WordsFaulty for unusable words.
    """
    return CallerNotifier(repository, message_gateway(settings), load_words(), cipher, settings.public_url)


def message_gateway(settings: Settings) -> Gateway:
    """Return what carries messages out of the house as the settings say; raises SettingsError naming what is missing or unusable."""
    if settings.notices == "file":
        return FileGateway(settings.data_dir / "notices")
    gateway = _smtp(settings) if settings.notices == "smtp" else _sms(settings)
    return Once(gateway, settings.data_dir / "notices-sent")


def _smtp(settings: Settings) -> Gateway:
    _require(settings, "smtp_host", "smtp_from", "smtp_to")
    return SmtpGateway(settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_to, settings.smtp_subject, settings.smtp_security,
                       settings.smtp_user, settings.smtp_password.get_secret_value(), settings.notice_timeout)


def _sms(settings: Settings) -> Gateway:
    _require(settings, "sms_url")
    key = settings.sms_key.get_secret_value()
    _check("sms_url", lambda: httpx.URL(settings.sms_url))
    _check("sms_key", lambda: key.encode("ascii"))
    body = _check("sms_body", lambda: json.loads(settings.sms_body))
    name, _, value = settings.sms_success.partition("=")
    return SmsGateway(settings.sms_url, body, sms_client(settings.notice_timeout), key, settings.sms_key_header, (name, value) if name else None)


def _check(name: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (ValueError, httpx.InvalidURL):
        raise SettingsError(f"ill-typed setting: HOTLINE_{name.upper()}") from None


def _require(settings: Settings, *names: str) -> None:
    missing = [f"HOTLINE_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise SettingsError(f"missing setting: {', '.join(missing)}")
