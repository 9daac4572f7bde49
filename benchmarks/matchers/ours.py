"""The product's own matcher; `ours` is the one place that knows how it is built."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from rich.console import Console
from rich.progress import Progress

from benchmarks.matchers.base import LIMIT, Found, Matcher

SHOWN_FROM = 50_000  # names; building fewer is over before a bar can be read


class _Ours:
    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher

    def find(self, text: str) -> Found:
        match = self._matcher.match(text, limit=LIMIT)
        return Found([(candidate.code, candidate.score) for candidate in match.candidates], match.decision, match.choices)


def ours(names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
    """Build the matcher as the product does, with its words, its weights and its fit of the chances to one index; tells how far it is."""
    from knowledge.bootstrap import load_matching
    from knowledge.matching.matcher import KnowledgeMatcher
    from knowledge.matching.names import Name
    from knowledge.matching.recalibration import recalibrated
    matching = load_matching()
    indexed = [Name(code, text, "item", text) for code, text in names]
    with Progress(console=Console(stderr=True), disable=len(indexed) < SHOWN_FROM) as bar:
        task = bar.add_task("建索引", total=len(indexed))
        matcher = KnowledgeMatcher(indexed, texts, matching.lexicon, matching.models, progress=lambda step: bar.advance(task, step))
    return _Ours(recalibrated(matcher, indexed, matching.usual_gap))


class Ours:
    """The product."""

    def prepare(self) -> None:
        """Import it and let it match once, so that whatever is compiled or read on first use is there."""
        ours([("lamp", "路灯修理")], {}).find("路灯坏了")

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Index the names."""
        return ours(names, texts)
