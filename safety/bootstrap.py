"""Builds the detector from the word tables beside this file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from safety.alarms import Detector
from safety.lexicon import Cue, Lexicon, Sign
from safety.patterns import compile_words

LEXICON = Path(__file__).parent / "lexicon"
SIGN_FILES = ("119.yml", "110.yml", "120.yml", "122.yml", "crisis.yml")


def _read(name: str) -> Any:
    return yaml.safe_load((LEXICON / name).read_text(encoding="utf-8"))


def load_lexicon() -> Lexicon:
    """Return the compiled tables. Raises OSError, KeyError or PatternError when a table is missing or unreadable."""
    context = _read("cues.yml")
    classes, weights = context["classes"], context["weights"]

    def cue(name: str) -> Cue:
        fields = dict(context["cues"][name])
        words = compile_words(fields.pop("words"), classes)
        return Cue(name=name, words=words, **{**fields, "not_for": tuple(fields.get("not_for", ()))})

    signs = [
        Sign(
            kind=table["kind"],
            weight=weights[group["strength"]],
            words=compile_words(group["words"], classes),
            also=tuple(group.get("also", ())),
            plea=group["strength"] == "plea",
        )
        for table in map(_read, SIGN_FILES)
        for group in table["signs"]
    ]
    return Lexicon(
        threshold=context["threshold"],
        signs=tuple(signs),
        cues=tuple(cue(name) for name in context["cues"] if name not in ("past", "now")),
        past=cue("past"),
        now=cue("now"),
        # A denial stands directly before the sign: 没着火, but not 没人管着火了.
        denial=re.compile(f"(?:{compile_words(context['denial'], classes).pattern})\\Z"),
        lookalikes=compile_words(" ".join(_read("lookalikes.yml")["expressions"].values()), classes),
        garbled=tuple(_read("garbled.yml")["phrases"].split()),
    )


def build_detector() -> Detector:
    """Return a detector ready for use; building takes well under a second and is done once per process."""
    return Detector(load_lexicon())
