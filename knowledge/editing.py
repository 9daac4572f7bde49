"""What editors do with versions: look back, publish a draft, withdraw, restore. Each is one new version."""

from __future__ import annotations

from datetime import datetime
from typing import Sequence

from knowledge.editions import read_record
from knowledge.errors import UnknownItem, UnknownVersion
from knowledge.ports import Store
from knowledge.record import Change, Version


def history(store: Store, code: str) -> Sequence[Version]:
    """Return every version of a record, oldest first; raise UnknownItem."""
    found = store.versions(code)
    if not found:
        raise UnknownItem(code)
    return found


def version(store: Store, code: str, number: int) -> Version:
    """Return one version; raise UnknownItem or UnknownVersion."""
    found = history(store, code)
    if not 1 <= number <= len(found):
        raise UnknownVersion(code, number)
    return found[number - 1]


def publish(store: Store, code: str, *, author: str, at: datetime) -> int:
    """Publish the newest draft of a record; return the new version's number.

    Raises UnknownItem, UnknownVersion when there is no draft, KnowledgeFaulty.
    """
    newest = history(store, code)[-1]
    if newest.state != "draft":
        raise UnknownVersion(code, newest.number)
    read_record(newest)  # what the format does not take must not reach callers
    return _append(store, newest, newest.number, author, at, f"发布第{newest.number}版草稿")


def restore(store: Store, code: str, number: int, *, author: str, at: datetime) -> int:
    """Publish an old version again as the newest; return its number. Raises as `publish` does."""
    old = version(store, code, number)
    read_record(old)
    return _append(store, old, history(store, code)[-1].number, author, at, f"恢复到第{number}版")


def withdraw(store: Store, code: str, *, author: str, at: datetime) -> int:
    """Take a record from callers; its history stays. Raises UnknownItem."""
    newest = history(store, code)[-1]
    store.put([Change(newest.kind, code, newest.document, "withdrawn", after=newest.number)], author=author, at=at, note="停用")
    return newest.number + 1


def _append(store: Store, source: Version, newest: int, author: str, at: datetime, note: str) -> int:
    store.put([Change(source.kind, source.code, source.document, after=newest)], author=author, at=at, note=note)
    return newest + 1
