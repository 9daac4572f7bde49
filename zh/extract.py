"""Who, when, where, how much: what a caller's words hold, by rules alone (spaCy's EntityRuler for names known beforehand)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from types import ModuleType

from zh.extract_place import find_places
from zh.extract_rules import Label, Span, find_id_numbers, find_money, find_persons, find_phones
from zh.extract_time import find_times

__all__ = ["Extractor", "Label", "Span"]

_ELSE = "other"


class Extractor:
    """Finds persons, times, places, telephone numbers, sums, organisations and identity numbers in normalised text."""

    def __init__(self, place_names: Iterable[str], organisations: Iterable[str], other_words: Iterable[str] = ()) -> None:
        """`other_words` hold a place's name without meaning it (病历下载 holds 历下): where one stands, the name is not seen."""
        spacy = _import_spacy()
        self._nlp = spacy.blank("zh")  # one token per character, so every offset of the text is one of the document
        ruler = self._nlp.add_pipe("entity_ruler")
        labelled = ((_ELSE, other_words), ("org", organisations), ("place", place_names))
        patterns = [{"label": label, "pattern": name} for label, names in labelled for name in dict.fromkeys(names) if name]
        ruler.add_patterns(patterns)

    def extract(self, text: str, now: datetime | None = None) -> tuple[Span, ...]:
        """Return what `text` (normalised) holds, in its order and without overlap; of two that overlap the longer stays.

        `now` settles relative days (昨天); without it times have no value. Never raises.
        """
        numbers = [*find_id_numbers(text), *find_phones(text)]
        settled = _apart([*numbers, *find_times(text, now), *find_money(text), *find_persons(text)])
        known = [s for s in self._known(text) if not any(t.start < s.end and s.start < t.end for t in settled)]
        return _apart([*settled, *find_places(text, known, settled)])

    def _known(self, text: str) -> list[Span]:
        return [
            Span("org" if found.label_ == "org" else "place", found.text, found.start_char, found.end_char)
            for found in self._nlp(text).ents
            if found.label_ != _ELSE
        ]


def _import_spacy() -> ModuleType:
    """Import spaCy late, for most tools and tests never extract, and without TensorFlow, which its backend would load
    (ten seconds, 300 MB) only to find out that it is there."""
    hidden = "tensorflow" not in sys.modules
    if hidden:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]  # None makes an import fail, as documented
    try:
        import spacy
    finally:
        if hidden:
            del sys.modules["tensorflow"]
    return spacy


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(span)
    return tuple(sorted(kept, key=lambda s: s.start))
