"""ClamAV's daemon as a scanner, over the INSTREAM command of its protocol (see clamd(8))."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.logs import get_logger
from tickets.photos.errors import ScannerAway
from tickets.photos.photo import Scanner

_log = get_logger(__name__)
_CHUNK = 64 * 1024
_LONGEST_REPLY = 1000
_CLEAN = "stream: OK"
_FOUND = " FOUND"


@dataclass(frozen=True)
class Clamd:
    """The daemon at an address: (host, port), or the path of its socket. `timeout` is the seconds that one scan may take, all told."""

    address: tuple[str, int] | str
    timeout: float

    def scan(self, data: bytes) -> str | None:
        """Return the name of what was found; see the port."""
        try:
            reply = self._asked(data, time.monotonic() + self.timeout)
        except OSError as error:  # a time-out is one
            _log.error("scanner_away", error=type(error).__name__)
            raise ScannerAway from None
        if reply == _CLEAN:
            return None
        if reply.startswith("stream: ") and reply.endswith(_FOUND):
            return reply[len("stream: "):-len(_FOUND)] or "unnamed"
        _log.error("scanner_away", reply=reply[:100])
        raise ScannerAway

    def _asked(self, data: bytes, until: float) -> str:
        with self._linked(until) as link:
            _send(link, b"zINSTREAM\0", until)
            for start in range(0, len(data), _CHUNK):
                chunk = data[start:start + _CHUNK]
                _send(link, struct.pack(">L", len(chunk)) + chunk, until)
            _send(link, struct.pack(">L", 0), until)
            return _reply(link, until)

    def _linked(self, until: float) -> socket.socket:
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, _left(until))
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(_left(until))
            link.connect(self.address)
        except OSError:
            link.close()
            raise
        return link


def scanner_of(url: str, timeout: float) -> Scanner | None:
    """Return the scanner at tcp://host:port or unix:///path, none for an empty address; nothing connects yet. Raises ValueError."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path:
        return Clamd(parts.path, timeout)
    if parts.scheme != "tcp" or not parts.hostname or not parts.port:
        raise ValueError("the scanner's address is tcp://host:port or unix:///path")
    return Clamd((parts.hostname, parts.port), timeout)


def _send(link: socket.socket, data: bytes, until: float) -> None:
    link.settimeout(_left(until))
    link.sendall(data)


def _reply(link: socket.socket, until: float) -> str:
    """Read up to the NUL that ends a reply; one that is cut short or too long is no reply."""
    got = b""
    while not got.endswith(b"\0"):
        link.settimeout(_left(until))
        more = link.recv(_LONGEST_REPLY)
        got += more
        if not more or len(got) > _LONGEST_REPLY:
            raise ConnectionError("no whole reply")
    return got[:-1].decode("utf-8", "replace").strip()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
