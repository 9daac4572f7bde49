"""A store of knowledge in memory, with the rules of knowledge.ports.Store."""

from __future__ import annotations

from datetime import date, datetime
from typing import Iterable, Iterator, Mapping, Sequence

from knowledge.errors import ConcurrentChange
from knowledge.record import Change, Head, Version


class FakeKnowledgeStore:
    """Keeps every version in a list by code; `puts` counts the calls that wrote something."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Version]] = {}
        self.puts = 0

    def heads(self) -> Mapping[str, Head]:
        return {code: Head(found[-1].kind, found[-1].number, found[-1].state, found[-1].digest, found[-1].author) for code, found in self.kept.items()}

    def newest(self, codes: Sequence[str]) -> Mapping[str, Version]:
        return {code: self.kept[code][-1] for code in codes if code in self.kept}

    def versions(self, code: str) -> Sequence[Version]:
        return tuple(self.kept.get(code, ()))

    def in_force(self, day: date) -> Iterator[Version]:
        for code in sorted(self.kept):
            told = [version for version in self.kept[code] if version.state != "draft" and (version.valid_from or day) <= day]
            if told and told[-1].state == "published" and (told[-1].valid_to or day) >= day:
                yield told[-1]

    def put(self, changes: Iterable[Change], *, author: str, at: datetime, note: str) -> int:
        drawn = list(changes)  # whatever they raise comes before anything is kept
        for change in drawn:
            if change.after is not None and change.after != len(self.kept.get(change.code, ())):
                raise ConcurrentChange(change.code)
        for change in drawn:
            days = [date.fromisoformat(change.document[name]) if name in change.document else None for name in ("valid_from", "valid_to")]
            found = self.kept.setdefault(change.code, [])
            found.append(Version(change.kind, change.code, len(found) + 1, change.state, change.document, change.digest, author, at, note, *days))
        self.puts += 1
        return len(drawn)

    def revision(self) -> int:
        return self.puts

    def documents(self) -> dict[str, Mapping[str, object]]:
        """Return the newest document of each record that is not withdrawn."""
        return {code: found[-1].document for code, found in self.kept.items() if found[-1].state != "withdrawn"}
