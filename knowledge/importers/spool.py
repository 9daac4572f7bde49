"""Changes that wait until all rows are read: in memory while few, then in a temporary file."""

from __future__ import annotations

import json
import tempfile
from types import TracebackType
from typing import IO, Iterator

from knowledge.record import Change

_BYTES = 8 * 2**20


class Spool:
    """Takes changes one by one and hands them out again in the same order; the file goes with the `with` block."""

    def __init__(self) -> None:
        self._file: IO[str] = tempfile.SpooledTemporaryFile(_BYTES, "w+", encoding="utf-8", newline="\n")
        self.count = 0

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def add(self, change: Change) -> None:
        """Keep a change."""
        line = json.dumps((change.kind, change.code, change.document, change.state, change.after), ensure_ascii=False, separators=(",", ":"))
        self._file.write(line + "\n")
        self.count += 1

    def drawn(self) -> Iterator[Change]:
        """Yield every change."""
        self._file.seek(0)
        for line in self._file:
            yield Change(*json.loads(line))
