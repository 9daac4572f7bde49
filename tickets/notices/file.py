"""Messages as files: what a centre starts with, and what another program may carry on."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tickets.errors import NoticeFailed
from tickets.notices.message import Message


@dataclass(frozen=True)
class FileGateway:
    """Writes each message to `folder`/ID.txt, readable by its owner alone: phone, moment, an empty line, text."""

    folder: Path

    def deliver(self, message: Message) -> None:
        """Write the file whole and durably unless it is there; raises NoticeFailed where the disk does not take it."""
        path = self.folder / f"{message.id}.txt"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                self._write(path, f"{message.phone}\n{message.at.isoformat()}\n\n{message.text}\n")
        except OSError as error:
            raise NoticeFailed(f"file: {error.strerror}") from None

    def _write(self, path: Path, content: str) -> None:
        # Written under another name first: a process that is killed here leaves no half message that would pass for a sent one.
        fresh = path.with_name(f".{path.stem}.{os.getpid()}.{os.urandom(4).hex()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):  # a link never replaces a file: of several writers one wins
                os.link(fresh, path)
        finally:
            fresh.unlink()
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
