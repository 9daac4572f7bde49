"""Encryption of personal columns with rotating keys, and a blind index to look them up by."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.durable import settle
from core.logs import get_logger

_BLIND = "blind "
_log = get_logger(__name__)
_Mark = tuple[int, int, int]  # tells one content of the file from another


class KeysFaulty(Exception):
    """The key file cannot be used; the message says why and never shows a key."""


class RenewalRuns(Exception):
    """Another process is renewing the keys of this file."""


@dataclass(frozen=True, repr=False)
class _Keys:
    mark: _Mark
    newest: Fernet
    all: MultiFernet
    lines: tuple[str, ...]


class Cipher:
    """Encrypts with the newest key and reads what any of them wrote. The blind index has a key of its own that never rotates.

    The file is read again once it changes, so that running processes write with a new key at once. A key that was read is not
    forgotten while the process lives: a row that was fetched under it can still be shown when the file has dropped it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.blind_key, self._keys = _read(path)

    def hide(self, value: str | None) -> str | None:
        """Return the value as a token that only the keys can read; None stays None."""
        return None if value is None else self.hide_bytes(value.encode("utf-8", "surrogatepass")).decode("ascii")

    def show(self, token: str | None) -> str | None:
        """Return what `hide` hid; raises KeysFaulty when no key fits."""
        return None if token is None else self.show_bytes(token.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def renew(self, token: str) -> str:
        """Return the same secret under the newest key, the very token where it is so already; raises KeysFaulty when no key fits."""
        return self.renew_bytes(token.encode("utf-8", "surrogatepass")).decode("ascii")

    def hide_bytes(self, data: bytes) -> bytes:
        """Return data (a whole file) as a token that only the keys can read, a third longer."""
        return self._current().newest.encrypt(data)

    def show_bytes(self, token: bytes) -> bytes:
        """Return what `hide_bytes` hid; raises KeysFaulty when no key fits."""
        for keys in (self._keys, self._current()):
            try:
                return keys.all.decrypt(token)
            except InvalidToken:
                continue
        raise KeysFaulty("no key reads what is stored: is this the key file that wrote it?")

    def renew_bytes(self, token: bytes) -> bytes:
        """Return the same secret under the newest key, the very token where it is so already; raises KeysFaulty when no key fits."""
        try:
            self._current().newest.decrypt(token)
            return token
        except InvalidToken:
            return self.hide_bytes(self.show_bytes(token))

    def index(self, value: str | None) -> str | None:
        """Return a digest under which the value can be found and from which it cannot be guessed without the key (HMAC-SHA-256)."""
        return None if value is None else hmac.new(self.blind_key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def _current(self) -> _Keys:
        """The keys as the file has them now, and those that it had before."""
        known = self._keys
        try:
            if _mark(self._path) == known.mark:
                return known
            blind, fresh = _read(self._path)
            if blind != self.blind_key:
                raise KeysFaulty(f"{self._path.name}: another blind key would find nothing that is stored")
        except (OSError, KeysFaulty) as error:
            # A hotline does not stop taking calls while somebody mends the file.
            _log.error("keys_not_read_again", error=type(error).__name__)
            return known
        self._keys = _Keys(fresh.mark, fresh.newest, *_all((*fresh.lines, *(line for line in known.lines if line not in fresh.lines))))
        return self._keys


def load_cipher(path: Path) -> Cipher:
    """Return the cipher of the key file at `path`, newest key first; a file that is missing is made, readable by its owner alone.

    Raises KeysFaulty for a file that holds no usable keys.
    """
    if not path.exists():
        _create(path)
    return Cipher(path)


@contextmanager
def renewing(path: Path) -> Iterator[None]:
    """Keep every other process from renewing the keys of `path`, until the end of the block or of this process; raises RenewalRuns."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RenewalRuns from None
        yield


def key_count(path: Path) -> int:
    """Return how many keys the file holds; raises KeysFaulty as `load_cipher` does."""
    return len(_read(path)[1].lines)


def add_key(path: Path) -> None:
    """Put a new key before the others; what older ones wrote stays readable. Raises KeysFaulty as `load_cipher` does."""
    _read(path)
    _replace(path, Fernet.generate_key().decode("ascii") + "\n" + path.read_text(encoding="ascii"))


def drop_old_keys(path: Path) -> int:
    """Keep the newest key alone, once everything is written anew under it; return how many went."""
    old = _read(path)[1].lines[1:]
    lines = path.read_text(encoding="ascii").splitlines()
    _replace(path, "\n".join(line for line in lines if line.strip() not in old) + "\n")
    return len(old)


def _read(path: Path) -> tuple[bytes, _Keys]:
    mark = _mark(path)  # taken first: a file that is replaced meanwhile is read once more, never once too few
    try:
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip() and not line.startswith("#")]
    except UnicodeDecodeError:
        raise KeysFaulty(f"{path.name}: a line is no key") from None
    blind = [line[len(_BLIND):] for line in lines if line.startswith(_BLIND)]
    keys = tuple(dict.fromkeys(line for line in lines if not line.startswith(_BLIND)))
    if len(blind) != 1 or not keys:
        raise KeysFaulty(f"{path.name}: wants one 'blind' line and at least one key")
    try:
        return bytes.fromhex(blind[0]), _Keys(mark, Fernet(keys[0]), *_all(keys))
    except ValueError:
        raise KeysFaulty(f"{path.name}: a line is no key") from None


def _all(lines: tuple[str, ...]) -> tuple[MultiFernet, tuple[str, ...]]:
    return MultiFernet([Fernet(line) for line in lines]), lines


def _mark(path: Path) -> _Mark:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _written(path, f"{_BLIND}{os.urandom(32).hex()}\n{Fernet.generate_key().decode('ascii')}\n")
    try:
        os.link(fresh, path)  # processes that start together agree on one file: only the first link succeeds
        settle(path.parent)  # rows under a key are written after this
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _replace(path: Path, content: str) -> None:
    _written(path, content).replace(path)
    settle(path.parent)  # rows under a key are written after this


def _written(path: Path, content: str) -> Path:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh
