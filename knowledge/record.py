"""A record in the store: what is changed, and what each change left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Mapping

from knowledge.document import digest
from knowledge.model import Kind

State = Literal["draft", "published", "withdrawn"]


@dataclass(frozen=True)
class Change:
    """A new version to append; a withdrawal carries the document that it withdraws."""

    kind: Kind
    code: str
    document: Mapping[str, Any]
    state: State = "published"
    after: int | None = None  # the number of the version it was made from, 0 for none; None appends after whatever is there

    @property
    def digest(self) -> str:
        return digest(self.document)


@dataclass(frozen=True)
class Head:
    """The newest version of a record, without its document."""

    kind: Kind
    number: int
    state: State
    digest: str
    author: str


@dataclass(frozen=True)
class Version:
    """One version: number counts from 1; `author`, `at`, `note` say who, when and what; the days bound where it holds."""

    kind: Kind
    code: str
    number: int
    state: State
    document: Mapping[str, Any]
    digest: str
    author: str
    at: datetime
    note: str
    valid_from: date | None = None
    valid_to: date | None = None
