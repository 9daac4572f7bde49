"""A mail server of the tests: it speaks enough SMTP to take a mail, and can be told to answer otherwise."""

from __future__ import annotations

import ssl
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class SmtpServer:
    """`answers` overrides the reply to a verb (or "." for the content); `lines` is all that was said to the server."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    certificate: Path | None = None
    from_the_start: bool = False  # TLS before the first word
    password: str = ""
    lines: list[tuple[bool, str]] = field(default_factory=list)  # encrypted?, line
    mails: list[EmailMessage] = field(default_factory=list)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.certificate))
        return context


@contextmanager
def smtp_server(server: SmtpServer) -> Iterator[SmtpServer]:
    """Let the server listen on a free port of this machine until the end of the block."""

    class Handler(_Session):
        told = server

    class Listener(ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up in the middle is what some tests are about."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        server.port = listener.server_address[1]
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


class _Session(StreamRequestHandler):
    told: SmtpServer
    encrypted = False

    def handle(self) -> None:
        if self.told.from_the_start:
            self._encrypt()
        self._say("220 ready")
        while line := self.rfile.readline().decode("utf-8").rstrip("\r\n"):
            self.told.lines.append((self.encrypted, line))
            verb = line.split(" ", 1)[0].upper()
            if verb in self.told.answers and verb != "DATA":
                self._say(self.told.answers[verb])
            elif verb == "EHLO":
                self._say("\r\n".join([*(f"250-{word}" for word in self._offers()), "250 8BITMIME"]))
            elif verb == "STARTTLS":
                self._say("220 go ahead")
                self._encrypt()
            elif verb == "AUTH":
                right = b64decode(line.split(" ")[2]).split(b"\0")[2].decode() == self.told.password
                self._say("235 welcome" if right else "535 wrong password")
            elif verb == "DATA":
                self._say("354 go on")
                self._take()
            else:
                self._say("250 fine")
            if verb == "QUIT":
                return

    def _offers(self) -> list[str]:
        tls = ["STARTTLS"] if self.told.certificate and not self.encrypted else []
        return ["localhost", *tls, *(["AUTH PLAIN"] if self.told.password else [])]

    def _take(self) -> None:
        content = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            content += line[1:] if line.startswith(b"..") else line
        answer = self.told.answers.get(".", "250 taken")
        if answer.startswith("250"):
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.told.mails.append(mail)
        self._say(answer)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())

    def _encrypt(self) -> None:
        self.request = self.told.context().wrap_socket(self.request, server_side=True)
        self.setup()
        self.encrypted = True


def certificate(path: Path) -> Path:
    """Write a key and a certificate of its own making for 127.0.0.1 into one file; return it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(key, hashes.SHA256()))
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                     + made.public_bytes(serialization.Encoding.PEM))
    return path
