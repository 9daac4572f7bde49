"""Remembers on disk what a gateway has taken, so that it is not handed over again."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from core.clock import SHANGHAI
from core.logs import get_logger
from tickets.errors import NoticeFailed
from tickets.notices.message import Gateway, Message

_log = get_logger(__name__)


@dataclass(frozen=True)
class Once:
    """Hands each message over once: `folder`/YYYYMMDD/ID is locked meanwhile and is not empty once the gateway has taken it.

    A process that dies between both hands it over again, under the same id, by which the gateway knows it.
    """

    gateway: Gateway
    folder: Path

    def deliver(self, message: Message) -> None:
        """Hand the message over unless that was done; raises what the gateway raises, and NoticeFailed where the disk fails."""
        try:
            mark = self._mark(message)
        except OSError as error:
            raise NoticeFailed(f"mark: {error.strerror}") from None
        try:
            if os.fstat(mark).st_size == 0:
                self.gateway.deliver(message)
                self._keep(mark)
        finally:
            os.close(mark)  # and with it the lock

    def _mark(self, message: Message) -> int:
        day = self.folder / f"{message.at.astimezone(SHANGHAI):%Y%m%d}"
        day.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark = os.open(day / message.id, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(mark)
            raise NoticeFailed("another process is sending it") from None
        return mark

    @staticmethod
    def _keep(mark: int) -> None:
        try:
            os.write(mark, b"sent\n")
            os.fsync(mark)
        except OSError as error:
            # The gateway has it: to say that it failed would send it twice.
            _log.error("notice_mark_lost", fault=error.strerror)
