"""Brings the store to what the product's own files say, without ever overwriting an editor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Collection, Iterator, Mapping, Sequence

from knowledge.document import digest
from knowledge.model import Kind
from knowledge.ports import Store
from knowledge.record import Change, Version

CURATED = "curated"  # the author of whatever comes from the files


@dataclass(frozen=True)
class Sync:
    """What a synchronisation did: records written, withdrawn, and codes whose new text waits as a draft behind an editor's version."""

    written: int
    withdrawn: int
    waiting: tuple[str, ...]


def synchronise(store: Store, files: Mapping[str, tuple[Kind, Mapping[str, Any]]], *, at: datetime) -> Sync:
    """Append what the files hold anew (code → kind and document) and withdraw what they dropped.

    A record that an editor changed is left alone: a newer text of the files becomes a draft, for the editor to compare and publish.
    """
    heads = store.heads()
    touched = [code for code, head in heads.items()
               if code not in files or (head.author, head.state, head.digest) != (CURATED, "published", digest(files[code][1]))]
    trails = {code: store.versions(code) for code in touched}
    changes = list(_changes(files, heads.keys(), trails))
    if changes:
        store.put(changes, author=CURATED, at=at, note="随产品更新")
    return Sync(sum(change.state == "published" for change in changes), sum(change.state == "withdrawn" for change in changes),
                tuple(change.code for change in changes if change.state == "draft"))


def _changes(files: Mapping[str, tuple[Kind, Mapping[str, Any]]], known: Collection[str],
             trails: Mapping[str, Sequence[Version]]) -> Iterator[Change]:
    for code, (kind, document) in files.items():
        if code not in known:
            yield Change(kind, code, document, after=0)
        elif code in trails:
            yield from _renewed(kind, code, document, trails[code])
    for code, trail in trails.items():
        heard = [version for version in trail if version.state != "draft"] or trail
        if code not in files and heard[-1].author == CURATED and trail[-1].state != "withdrawn":
            yield Change(heard[-1].kind, code, heard[-1].document, "withdrawn", after=trail[-1].number)


def _renewed(kind: Kind, code: str, document: Mapping[str, Any], trail: Sequence[Version]) -> Iterator[Change]:
    ours = [version for version in trail if version.author == CURATED]
    if ours and ours[-1].digest == digest(document) and ours[-1].state != "withdrawn":
        return  # told already; whatever came after it is an editor's
    heard = [version for version in trail if version.state != "draft"]
    # Neither what an editor published nor the draft that he has open is written over.
    edited = (bool(heard) and heard[-1].author != CURATED) or (trail[-1].state == "draft" and trail[-1].author != CURATED)
    yield Change(kind, code, document, "draft" if edited else "published", after=trail[-1].number)
