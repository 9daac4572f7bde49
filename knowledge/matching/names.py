"""One way to say a record, and what is compared with callers' words."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.model import Kind


@dataclass(frozen=True, slots=True)
class Name:
    """One way to say a record: its official name, an everyday name, or a question about it."""

    code: str
    text: str
    kind: Kind
    official: str
