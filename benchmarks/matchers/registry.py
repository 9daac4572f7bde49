"""Which matchers there are, and how far each is taken."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.matchers.base import Kind
from benchmarks.matchers.sets import ITEMS, QUESTIONS

LARGE = 1_000_000
MIDDLE = 100_000
FEW = 50  # texts that a scan of all names is asked at MIDDLE


@dataclass(frozen=True)
class Peer:
    """A matcher in the tables; `most` is the largest set it is taken to, and `why` says why no further; `scans`: few texts on large sets."""

    name: str
    most: int = LARGE
    why: str = ""
    with_texts: bool = False
    scans: bool = False

    def left_out(self, size: int) -> str:
        """Return why it is not run on a set of this size, or nothing."""
        if self.with_texts:
            return "" if size == ITEMS else "only these items have conditions"
        return self.why if size > self.most else ""

    def texts(self, size: int) -> int | None:
        """Return how many texts it is asked, or None for all."""
        return FEW if self.scans and size >= MIDDLE else None


OURS, OURS_WITH_CONDITIONS = Peer("ours"), Peer("ours, with conditions", with_texts=True)
_SCAN = "compares each text with every name, so its time grows with the list"
PEERS: tuple[Peer, ...] = (
    OURS, OURS_WITH_CONDITIONS,
    Peer("rapidfuzz ratio", MIDDLE, _SCAN, scans=True), Peer("rapidfuzz WRatio", MIDDLE, _SCAN, scans=True),
    Peer("TF-IDF cosine", MIDDLE, "fits a matrix of all runs of characters anew; left out for time"),
    Peer("bm25s"), Peer("tantivy, words"), Peer("tantivy, runs"),
    Peer("Rasa ResponseSelector", QUESTIONS, "a network with an output for each item, trained anew for each list"),
)
RASA = PEERS[-1]


def kind_of(name: str) -> Kind:
    """Return how the matcher of this name is built; imports only what that one needs."""
    if name.startswith("ours"):
        from benchmarks.matchers.ours import Ours
        return Ours()
    if name.startswith("rapidfuzz"):
        from benchmarks.matchers.fuzzy import Fuzzy
        return Fuzzy(name.split()[1])
    if name.startswith("tantivy"):
        from benchmarks.matchers.tantivy_search import Tantivy
        return Tantivy(name.split()[1])
    if name == "bm25s":
        from benchmarks.matchers.bm25 import Bm25
        return Bm25()
    if name == "TF-IDF cosine":
        from benchmarks.matchers.tfidf import Tfidf
        return Tfidf()
    from benchmarks.matchers.rasa_selector import Selector
    return Selector()
