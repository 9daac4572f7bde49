"""What can go wrong with knowledge; each error carries a stable code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a knowledge file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class KnowledgeFaulty(Exception):
    """The knowledge files do not hold together; `faults` names file and line of each."""

    code = "knowledge_faulty"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class UnknownItem(Exception):
    """There is no item or policy answer of this code."""

    code = "item_not_found"

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


class ConcurrentChange(Exception):
    """Somebody else changed the same record meanwhile; read it again and repeat."""

    code = "knowledge_changed"


class UnknownVersion(Exception):
    """The record has no such version, or no draft."""

    code = "version_not_found"

    def __init__(self, item: str, number: int) -> None:
        super().__init__(f"{item} {number}")
        self.item = item
        self.number = number
