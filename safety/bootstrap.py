"""Builds the detector from the word tables beside this file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from safety.alarms import Detector
from safety.lexicon import Cue, Lexicon, Sign
from safety.patterns import Table, expand, to_regex

LEXICON = Path(__file__).parent / "lexicon"
SIGN_FILES = ("119.yml", "110.yml", "120.yml", "122.yml", "crisis.yml")


def _read(name: str) -> Any:
    return yaml.safe_load((LEXICON / name).read_text(encoding="utf-8"))


def _sign(kind: str, group: dict[str, Any], weights: dict[str, int]) -> Sign:
    also, yields_to = (tuple(group.get(name, ())) for name in ("also", "yields_to"))
    return Sign(kind=kind, weight=weights[group["strength"]], also=also, yields_to=yields_to)  # type: ignore[arg-type]


def _cue(name: str, fields: dict[str, Any]) -> Cue:
    numbers = {key: value for key, value in fields.items() if key not in ("words", "not_for")}
    return Cue(name=name, not_for=tuple(fields.get("not_for", ())), **numbers)


def load_lexicon() -> Lexicon:
    """Return the compiled tables. Raises OSError, KeyError or PatternError when a table is missing or unreadable."""
    context = _read("cues.yml")
    classes, weights = context["classes"], context["weights"]
    cues = {name: _cue(name, fields) for name, fields in context["cues"].items()}
    denial = "|".join(to_regex(word).pattern for word in expand(context["denial"], classes))
    return Lexicon(
        threshold=context["threshold"],
        signs=Table(
            (_sign(table["kind"], group, weights), expand(group["words"], classes))
            for table in map(_read, SIGN_FILES)
            for group in table["signs"]
        ),
        cues=Table((cue, expand(context["cues"][name]["words"], classes)) for name, cue in cues.items()),
        past=cues["past"],
        now=cues["now"],
        # A denial stands directly before the sign: 没着火, but not 没人管着火了.
        denial=re.compile(rf"(?:{denial})\Z"),
        lookalikes=Table((None, expand(words, classes)) for words in _read("lookalikes.yml")["expressions"].values()),
        garbled=tuple(_read("garbled.yml")["phrases"].split()),
    )


def build_detector() -> Detector:
    """Return a detector ready for use; building takes about a second and is done once per process."""
    return Detector(load_lexicon())
