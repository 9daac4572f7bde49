"""What is heard on the phone and what is said to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from api.phone import pending
from api.phone.pending import Pending

_KEYS = {"*": "再说一遍", "#": "对"}
_BACK = 5  # prompts that * can go back through


@dataclass(frozen=True)
class Heard:
    """What the exchange brings: words, keys, or nothing at all."""

    text: str = ""
    dtmf: str = ""
    confidence: float | None = None


@dataclass(frozen=True)
class Spoken:
    """What the exchange is to say and do; `prompt` as it is written, `slow` when it should be said slowly."""

    prompt: str
    outcome: str
    options: Sequence[str] = ()
    action: str = "continue"
    transfer_to: str | None = None
    slow: bool = False
    pending: Pending | None = None

    @property
    def expects(self) -> str:
        return "both" if self.action == "continue" else "none"


def pressed(keys: str, options: Sequence[str]) -> str:
    """Return what keys say: a number picks an option if there are any, # alone confirms and else ends a number, digits are digits."""
    if keys in _KEYS:
        return _KEYS[keys]
    digits = keys.strip("*#")
    if len(digits) == 1 and 1 <= int(digits) <= len(options):
        return options[int(digits) - 1]
    return digits or _KEYS["*"]


def options_of(fields: Mapping[str, str]) -> list[str]:
    """Return what the last prompt offered."""
    return list(json.loads(fields.get("options") or "[]"))


def with_prompt(fields: Mapping[str, str], spoken: Spoken) -> str:
    """Return the field `history` with one prompt more."""
    entry = {"prompt": spoken.prompt, "options": list(spoken.options), "pending": pending.write(spoken.pending)}
    return _dump([*_history(fields), entry][-_BACK:])


def without_last(fields: Mapping[str, str]) -> str:
    """Return the field `history` without the newest prompt; the first one stays."""
    history = _history(fields)
    return _dump(history[:-1] or history)


def last_prompt(fields: Mapping[str, str]) -> Spoken | None:
    """Return the newest prompt of the field `history`, to be said again."""
    history = _history(fields)
    if not history:
        return None
    return Spoken(history[-1]["prompt"], "repeated", history[-1]["options"], pending=pending.read(history[-1]["pending"]))


def _history(fields: Mapping[str, str]) -> list[dict[str, Any]]:  # prompt, options, pending
    return list(json.loads(fields.get("history") or "[]"))


def _dump(history: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(history, ensure_ascii=False)
