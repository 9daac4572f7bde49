"""Reads the words of the matcher, what lies beyond the hotline, and the weights of the ranking."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge.errors import Fault, KnowledgeFaulty
from knowledge.matching.decision import SIGNS, Calibration
from knowledge.matching.lexicon import Lexicon, Sense
from knowledge.matching.matcher import Model, Models
from knowledge.matching.names import Name
from knowledge.matching.ranking import COLUMNS, weights_of

ROOT = Path(__file__).resolve().parent
WEIGHTS = ROOT / "matching" / "weights.json"


def load_lexicon(root: Path = ROOT / "words") -> Lexicon:
    """Read everyday words, actions, subjects and Latin shorthand; raises KnowledgeFaulty with the file and what is wrong."""
    terms: dict[str, list[str]] = {}
    for path in sorted((root / "terms").glob("*.yml")):
        for term, words in _mapping(path).items():
            if not isinstance(words, list) or not words:
                raise KnowledgeFaulty((Fault(path.name, 1, f"'{term}' has no words"),))
            terms.setdefault(str(term), []).extend(str(word) for word in words)
    latin_file = root / "latin.yml"
    latin = {letters: words for letters, words in _mapping(latin_file).items() if isinstance(words, list)}
    if len(latin) < len(_mapping(latin_file)):
        raise KnowledgeFaulty((Fault(latin_file.name, 1, "the words of some letters are no list"),))
    return Lexicon(terms, _senses(root / "actions.yml"), _senses(root / "subjects.yml"),
                   {letters: [str(word) for word in words] for letters, words in latin.items()})


def load_beyond(root: Path = ROOT / "beyond") -> tuple[Name, ...]:
    """Read what callers ask that no record answers, as names of the kind `beyond`."""
    found: list[Name] = []
    for path in sorted(root.glob("*.yml")):
        try:
            for record in _document(path):
                found += [Name(record["code"], phrase, "beyond", record["name"]) for phrase in (record["name"], *_words(record["phrases"]))]
        except (KeyError, TypeError, ValueError) as error:
            raise KnowledgeFaulty((Fault(path.name, 1, f"not a list of records with code, name and phrases: {error!r}"),)) from None
    return tuple(found)


def load_models(path: Path = WEIGHTS) -> tuple[Models, float]:
    """Read the weights that `hotline train-matcher` wrote, and the usual gap of the index that they were learned on.

    Raises KnowledgeFaulty when they do not fit this version of the matcher.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Models(_model(found["sparse"]), _model(found["rich"])), float(found["usual_gap"])
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise KnowledgeFaulty((Fault(path.name, 1, f"no weights for this matcher ({error}); run hotline train-matcher"),)) from None


def models_document(models: Models, usual_gap: float) -> dict[str, Any]:
    """Return models as `load_models` reads them."""
    return {"usual_gap": round(usual_gap, 4), "sparse": _written(models.sparse), "rich": _written(models.rich)}


def _model(found: dict[str, Any]) -> Model:
    return Model(weights_of(found["rank"]), Calibration(_signs(found["right"]), _signs(found["among"])))


def _written(model: Model) -> dict[str, Any]:
    return {"rank": {column: round(float(weight), 4) for column, weight in zip(COLUMNS, model.rank) if weight},
            "right": {sign: round(float(weight), 4) for sign, weight in zip(SIGNS, model.calibration.right)},
            "among": {sign: round(float(weight), 4) for sign, weight in zip(SIGNS, model.calibration.among)}}


def _signs(named: dict[str, float]) -> NDArray[np.float32]:
    if set(named) != set(SIGNS):
        raise KeyError(f"signs differ: {sorted(set(named) ^ set(SIGNS))}")
    return np.array([named[sign] for sign in SIGNS], dtype=np.float32)


def _senses(path: Path) -> list[Sense]:
    return [_sense(path, name, found) for name, found in _mapping(path).items()]


def _sense(path: Path, name: str, found: Any) -> Sense:
    try:
        return Sense(name, str(found["say"]), _words(found["words"]), _words(found.get("except", [])), str(found.get("group", "")),
                     bool(found.get("bare", False)))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise KnowledgeFaulty((Fault(path.name, 1, f"'{name}' is no action or subject: {error!r}"),)) from None


def _words(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise ValueError("words must be a list")
    return tuple(str(word) for word in found)


def _mapping(path: Path) -> dict[str, Any]:
    found = _document(path)
    if not isinstance(found, dict):
        raise KnowledgeFaulty((Fault(path.name, 1, "not a mapping"),))
    return {str(key): value for key, value in found.items()}


def _document(path: Path) -> Any:
    try:
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise KnowledgeFaulty((Fault(path.name, mark.line + 1 if mark else 1, f"no valid YAML: {error}"),)) from None
