"""Reads one mapping field by field and remembers what was wrong with it, so that authors see every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from knowledge.errors import Fault

LINE = "__line__"
T = TypeVar("T")


class Reader:
    """Typed access to a mapping that came from a file; `close` reports the keys nobody asked for."""

    def __init__(self, raw: object, file: str, line: int, faults: list[Fault]) -> None:
        self.file = file
        self.faults = faults
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self.line = int(self.raw.get(LINE, line))
        self._seen = {LINE}
        if not isinstance(raw, Mapping):
            self.fault(f"expected key: value pairs, found {type(raw).__name__}")

    def fault(self, message: str) -> None:
        """Note a fault at this mapping's place."""
        self.faults.append(Fault(self.file, self.line, message))

    def get(self, key: str, kind: type[T] | tuple[type[T], ...], required: bool = False) -> T | None:
        """Return the value when it is of `kind`; None and a fault otherwise (an absent optional key is no fault)."""
        self._seen.add(key)
        value = self.raw.get(key)
        if value is None:
            if required:
                self.fault(f"'{key}' is missing")
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            self.fault(f"'{key}' has the wrong type: {type(value).__name__}")
            return None
        return value

    def text(self, key: str) -> str:
        """Return required text; '' and a fault when it is missing or blank."""
        value = self.get(key, str, required=True)
        if value is not None and not value.strip():
            self.fault(f"'{key}' is missing")
        return (value or "").strip()

    def maybe(self, key: str) -> str | None:
        """Return optional text; blank counts as absent."""
        return (self.get(key, str) or "").strip() or None

    def texts(self, key: str, at_least: int = 0) -> tuple[str, ...]:
        """Return a list of texts, with a fault when there are fewer than `at_least` or one is no text."""
        found = self.get(key, list, required=at_least > 0)
        values: Sequence[object] = found or []
        good = tuple(value.strip() for value in values if isinstance(value, str) and value.strip())
        if len(good) != len(values):
            self.fault(f"'{key}' holds something that is not text")
        if found is not None and len(good) < at_least:
            self.fault(f"'{key}' needs {at_least} entries, has {len(good)}")
        return good

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """Return one of `allowed`."""
        value = self.text(key)
        if value and value not in allowed:
            self.fault(f"'{key}' is {value!r}, allowed: {' '.join(allowed)}")
        return value

    def day(self, key: str) -> date:
        """Return a required date, which JSON holds as ISO text."""
        return self._day(key, required=True) or date.min

    def maybe_day(self, key: str) -> date | None:
        """Return an optional date."""
        return self._day(key)

    def _day(self, key: str, required: bool = False) -> date | None:
        value: object = self.get(key, (date, str), required)
        if not isinstance(value, str):
            return value if isinstance(value, date) else None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(f"'{key}' is no date of the form 2026-11-01: {value[:20]!r}")
            return None

    def table(self, key: str) -> dict[str, str]:
        """Return an optional mapping of text to text."""
        found = self.get(key, dict) or {}
        good = {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, str)}
        if any(name != LINE and name not in good for name in found):
            self.fault(f"'{key}' holds something that is not text")
        return good

    def part(self, key: str, build: Callable[["Reader"], T]) -> T | None:
        """Build a nested mapping, None when the key is absent."""
        raw = self.get(key, dict)
        return self._build(raw, build) if raw is not None else None

    def parts(self, key: str, build: Callable[["Reader"], T]) -> tuple[T, ...]:
        """Build each mapping of a list."""
        return tuple(self._build(raw, build) for raw in self.get(key, list) or [])

    def _build(self, raw: object, build: Callable[["Reader"], T]) -> T:
        inner = Reader(raw, self.file, self.line, self.faults)
        built = build(inner)
        inner.close()
        return built

    def close(self) -> None:
        """Note a fault for every key that the format does not know."""
        for key in self.raw:
            if key not in self._seen:
                self.fault(f"unknown key '{key}'")
