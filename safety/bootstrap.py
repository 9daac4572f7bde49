"""Builds the detector from the word tables beside this file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from safety.alarms import Detector
from safety.lexicon import Cue, Lexicon, Sign
from safety.likeness import Guard, Likeness
from safety.patterns import Table, expand, to_regex

LEXICON = Path(__file__).parent / "lexicon"
WRITTEN = Path(__file__).parent / "data" / "written"
TALK = Path(__file__).parent.parent / "nlu_data"
_EXAMPLE = re.compile(r"^- (.+)$", re.MULTILINE)
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


def build_rules() -> Detector:
    """Return the rules alone."""
    return Detector(load_lexicon())


def build_detector() -> Guard:
    """Return both nets ready for use; building takes some seconds and is done once per process.

    Ordinary talk for the second net is the training data of the language model, less what the rules take for an alarm.
    """
    rules = build_rules()
    alarms = [(rules.hear(entry["text"]), entry["kind"]) for entry in _written("alarms")]
    quiet = [rules.hear(entry["text"]) for entry in _written("lookalikes")]
    talk = [text for path in sorted(TALK.glob("*.yml")) for block in _load(path)["nlu"] for text in _EXAMPLE.findall(block["examples"])]
    quiet += [rules.hear(text) for text in talk if rules.detect(text) is None]
    return Guard(rules, Likeness(alarms, quiet).kind_of)


def _load(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def _written(name: str) -> list[dict[str, Any]]:
    return list(_load(WRITTEN / f"{name}.yml")[name])
