"""What was made of names when they were read before, on disk: a process that starts need not read thirty thousand names anew.

Kept beside the model in plain JSON under a digest of all that a reading depends on; a file that is damaged, or that others could write, is no file.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Mapping

from core.settings import ROOT
from knowledge.matching.segment import Reading

FOLDER = ROOT / "models"
KEPT = 3           # files: those of this code, and of the versions before
MOST = 100_000     # names; beyond, reading the file would cost more memory than it saves time
WRITTEN_S = 600    # seconds after which a half-written file belongs to a process that was killed
WORTH = 500        # names read anew from which the file is written again
_CODE = ("zh", "knowledge/facets.py", "knowledge/kept_readings.py", "knowledge/matching/reading.py", "knowledge/matching/lexicon.py",
         "knowledge/matching/segment.py", "knowledge/matching/encode.py", "knowledge/words")


@dataclass(frozen=True)
class KeptReadings:
    """Readings by the name's text, and the file that they came from, written or not."""

    file: Path
    by_text: Mapping[str, Reading] = field(default_factory=dict)


def load_readings(folder: Path = FOLDER) -> KeptReadings:
    """Return what this very code has read before; nothing where there is no file, or one that cannot be trusted. Never raises."""
    file = folder / f"readings-{_digest()}.json"
    try:
        with file.open("rb") as opened:
            about = os.fstat(opened.fileno())
            if about.st_uid not in (0, os.getuid()) or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return KeptReadings(file)
            seal, _, body = opened.read().partition(b"\n")
        if seal.decode("ascii") != sha256(body).hexdigest():
            return KeptReadings(file)
        return KeptReadings(file, {text: (tuple(readings), matter, actions, subjects, tuple(map(tuple, asks)))
                                   for text, readings, matter, actions, subjects, asks in json.loads(body)})
    except (OSError, ValueError, TypeError):
        return KeptReadings(file)


def keep_readings(kept: KeptReadings, fresh: Mapping[str, Reading]) -> bool:
    """Write what was known and what was read anew, at once or not at all; return whether that was worth it and could be done.

    Processes that start together may all write: each file is whole, and the last one stays.
    """
    both = {**kept.by_text, **fresh}
    if len(fresh) < WORTH or len(both) > MOST:
        return False
    text = json.dumps([[name, *reading] for name, reading in both.items()], ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "surrogatepass")
    try:
        kept.file.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".readings-", dir=kept.file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(sha256(body).hexdigest().encode("ascii") + b"\n" + body)
                os.fchmod(opened.fileno(), 0o644)  # an image is built by one user and run by another
            os.replace(name, kept.file)
        except BaseException:
            os.unlink(name)
            raise
        _forget(kept.file)
    except OSError:  # a folder that may only be read: the next process reads the names again
        return False
    return True


def _forget(newest: Path) -> None:
    files = sorted(newest.parent.glob("readings-*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    left = [file for file in newest.parent.glob(".readings-*") if file.stat().st_mtime < newest.stat().st_mtime - WRITTEN_S]
    for old in (*files[KEPT:], *left):
        old.unlink(missing_ok=True)


def _digest() -> str:
    """The digest of the code, the words and the libraries that make a reading."""
    found = sha256(repr((sys.version_info[:3], unicodedata.unidata_version, version("opencc"), version("cn2an"))).encode())
    for place in _CODE:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.suffix in (".py", ".yml")):
            found.update(file.name.encode() + b"\0" + sha256(file.read_bytes()).digest())
    return found.hexdigest()[:32]
