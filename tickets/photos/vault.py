"""The files of photos: encrypted, named by random ids, in a folder that no web server knows."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Iterator

from core.cipher import Cipher
from core.durable import settle
from tickets.store.renewal import OldKeyInUse

SHARDS = 256  # folders by the first two characters of an id, for a folder of millions of files is slow
_UNFINISHED = ".part"
_LOCK = ".writing"
_PASSES = 5


class Vault:
    """Photos in `folder`, which is made with the first of them and is its owner's alone."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        self._folder = folder
        self._cipher = cipher

    def put(self, id: str, data: bytes) -> None:
        """Keep a photo's bytes; see the port. Raises OSError where the disk does not take them."""
        path = self._path(id)
        for folder in (self._folder, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_SH):
            _replace(path, self._cipher.hide_bytes(data))
        settle(self._folder)

    def get(self, id: str) -> bytes | None:
        """Return a photo's bytes, or None; see the port."""
        try:
            return self._cipher.show_bytes(self._path(id).read_bytes())
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def older(self, shard: int, before: datetime) -> list[str]:
        """Return the names of one folder's files (0 ≤ shard < 256) that were last written before a moment, unfinished ones among them."""
        return [path.name for path in self._shard(shard) if _written_at(path) < before.timestamp()]

    def renew(self) -> int:
        """Bring every file under the newest key, which must be in the key file already; return how many were written anew.

        May be killed and started again at any moment. Raises KeysFaulty when no key reads a file, OldKeyInUse when passes do not end.
        """
        if not self._folder.exists():
            return 0
        with self._locked(fcntl.LOCK_EX):
            pass  # whoever began under the older key has written his file by now
        written = 0
        for _ in range(_PASSES):
            stale = sum(self._renewed(path) for shard in range(SHARDS) for path in self._shard(shard) if path.suffix != _UNFINISHED)
            written += stale
            if not stale:
                return written
        raise OldKeyInUse

    def _renewed(self, path: Path) -> bool:
        try:
            token = path.read_bytes()
        except FileNotFoundError:  # swept meanwhile
            return False
        fresh = self._cipher.renew_bytes(token)
        if fresh == token:
            return False
        _replace(path, fresh)
        return True

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _shard(self, shard: int) -> list[Path]:
        folder = self._folder / f"{shard:02x}"
        return sorted(folder.iterdir()) if folder.exists() else []

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        with (self._folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, kind)
            yield


def _replace(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}{_UNFINISHED}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    settle(path.parent)  # the row is committed after this


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
