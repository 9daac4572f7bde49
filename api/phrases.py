"""The sentences of bot/domain, read by the gateway for all that it must say without Rasa."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Mapping

import yaml

_BLANK = re.compile(r"\{(\w+)\}")


class PhraseMissing(Exception):
    """A response, or a value that its text asks for, does not exist; the message names it."""


@dataclass(frozen=True)
class Phrases:
    """Responses by name, each a list of (channel or None, text)."""

    variants: Mapping[str, tuple[tuple[str | None, str], ...]]

    @classmethod
    def load(cls, folder: Path) -> "Phrases":
        """Read the `responses` of every YAML file in `folder` (Rasa domain format)."""
        variants: dict[str, tuple[tuple[str | None, str], ...]] = {}
        for path in sorted(folder.glob("*.yml")):
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
            for name, entries in (content.get("responses") or {}).items():
                variants[name] = tuple((entry.get("channel"), str(entry.get("text", "")).strip()) for entry in entries)
        return cls(variants)

    def require(self, names: Iterable[str]) -> None:
        """Raise PhraseMissing naming every response of `names` that is not there."""
        missing = sorted(set(names) - set(self.variants))
        if missing:
            raise PhraseMissing(f"no response in bot/domain: {', '.join(missing)}")

    def render(self, name: str, channel: str, /, **values: str) -> str:
        """Return the text for `channel`: its own variant if there is one, else the first without a channel.

        Raises PhraseMissing for an unknown name or a blank without a value. Values are put in once and never read as blanks.
        """
        if name not in self.variants:
            raise PhraseMissing(f"no response in bot/domain: {name}")
        texts = [text for own, text in self.variants[name] if own == channel]
        texts += [text for own, text in self.variants[name] if own is None]
        if not texts:
            raise PhraseMissing(f"{name} has no text for {channel}")

        def value(blank: re.Match[str]) -> str:
            if blank[1] not in values:
                raise PhraseMissing(f"{name} asks for {blank[1]}")
            return values[blank[1]]

        return _BLANK.sub(value, texts[0])
