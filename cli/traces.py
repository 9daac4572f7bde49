"""Who looked at personal data from the terminal: one JSON line each, beside the logs of the servers."""

from __future__ import annotations

import json
import os

from cli.common import editor, settings
from core.clock import SHANGHAI, system_clock
from core.pii import mask


def leave_trace(event: str, **fields: str | None) -> None:
    """Append what was looked at, when and by whom to `logs/terminal.log` of the data folder; nothing personal goes in."""
    folder = settings().data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    line = {"event": event, "by": editor(), "at": system_clock().astimezone(SHANGHAI).isoformat(timespec="seconds"),
            **{name: mask(value) for name, value in fields.items() if value is not None}}
    with open(os.open(folder / "terminal.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as log:
        log.write(json.dumps(line, ensure_ascii=False) + "\n")
