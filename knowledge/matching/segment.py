"""Names as arrays: everything that the two stages compare, built once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Callable, Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from knowledge.facets import asking_spans
from knowledge.matching.encode import CODES, Codes, Weights, concatenated, sounds, weights_of_counts
from knowledge.matching.lexicon import Lexicon
from knowledge.matching.names import Name
from knowledge.matching.postings import Postings, build_postings
from knowledge.matching.reading import Reader

LONGEST_CONTEXT = 1200  # characters of what a record says of itself that are compared with a caller's words

Progress = Callable[[int], object]  # told how many names have been read
# What is made of a name: its readings, its matter, the bits of its actions and subjects, and by reading where its question's own words
# begin and end, in UTF-16 code units one after the other.
Reading = tuple[tuple[str, ...], str, int, int, tuple[tuple[int, ...], ...]]


@dataclass(frozen=True)
class Segment:
    """Some records' names. A name has one or two readings, entries firsts[i] to firsts[i + 1]; a record has several names."""

    names: Sequence[Name]
    codes: Sequence[str]              # of the records
    record_of: NDArray[np.int32]      # name → place in `codes`
    firsts: NDArray[np.int64]         # name → its first entry, one more at the end
    name_of: NDArray[np.int32]        # entry → name
    text: Codes
    asks: NDArray[np.bool_]           # characters of `text` that belong to a question's own words
    starts: NDArray[np.int64]         # entry → where it begins in `text`, one more at the end
    context: Codes
    context_starts: NDArray[np.int64]
    context_names: NDArray[np.int64]  # record → where its names end in `context`
    actions: NDArray[np.int64]        # name → bits
    subjects: NDArray[np.int64]
    lengths: NDArray[np.int32]
    is_event: NDArray[np.bool_]
    postings: Postings
    exact: "Keys"                     # canonical names
    matters: "Keys"                   # canonical names without the words of a question


@dataclass(frozen=True)
class Keys:
    """Texts → the names that are just that, by their hashes in order; whoever asks compares the texts themselves."""

    hashes: NDArray[np.int64]
    names: NDArray[np.int32]

    def find(self, text: str) -> list[int]:
        """Return the names whose hash is that of `text`, in their order."""
        low, high = np.searchsorted(self.hashes, hash(text), "left"), np.searchsorted(self.hashes, hash(text), "right")
        return sorted(int(name) for name in self.names[low:high])


def keys_of(texts: Sequence[str]) -> Keys:
    """Return where each text stands among `texts`."""
    hashes = np.fromiter((hash(text) for text in texts), dtype=np.int64, count=len(texts))
    order = np.argsort(hashes, kind="stable")
    return Keys(hashes[order], order.astype(np.int32))


def matter_key(canonical: str) -> str:
    """Return a canonical text without the words of the question and without punctuation; equal for 办护照多少钱 and 护照要多少钱."""
    kept = list(canonical)
    for begin, end in asking_spans(canonical):
        kept[begin:end] = [""] * (end - begin)
    return "".join(char for char in "".join(kept) if char.isalnum() or char >= "\ue000")


@lru_cache(maxsize=200_000)
def read_name(lexicon: Lexicon, text: str) -> Reading:
    """Return what is made of a name; kept from edition to edition. Callers' words are never kept."""
    first, *others = Reader(lexicon).name(text)
    first = first or "?"
    return ((first, *others), matter_key(first), lexicon.actions.within(first), lexicon.subjects.within(first),
            tuple(asking_units(reading) for reading in (first, *others)))


def asking_units(text: str) -> tuple[int, ...]:
    """Return where the words of the question itself begin and end, in UTF-16 code units."""
    places = [place for span in asking_spans(text) for place in span]
    if text.isascii() or units(text) == len(text):
        return tuple(places)
    return tuple(units(text[:place]) for place in places)  # a character beyond the basic plane counts as two


def asking_mask(text: str) -> NDArray[np.bool_]:
    """Return by UTF-16 code unit whether it belongs to a question's own words."""
    mask = np.zeros(units(text), dtype=bool)
    _mark(mask, 0, asking_units(text))
    return mask


def _mark(mask: NDArray[np.bool_], start: int, places: tuple[int, ...]) -> None:
    for begin, end in zip(places[::2], places[1::2]):
        mask[start + begin:start + end] = True


def units(text: str) -> int:
    """Return how many UTF-16 code units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def build_segment(names: Sequence[Name], texts: Mapping[str, str], reader: Reader, progress: Progress | None = None,
                  known: Mapping[str, Reading] = MappingProxyType({})) -> Segment:
    """Index names; `texts` holds by code what else a record says of itself, `known` readings by the name's text, made by the same lexicon.

    Raises ValueError without names.
    """
    if not names:
        raise ValueError("nothing to index")
    places: dict[str, int] = {}
    entries: list[str] = []
    firsts, matters, actions, subjects = [0], [], [], []
    asking: list[tuple[int, ...]] = []
    groups: dict[int, list[str]] = {}
    many = len(names) > 200_000  # a cache of so many would only cost memory
    read = read_name.__wrapped__ if many else read_name
    for i, name in enumerate(names):
        readings, matter, acts, whom, asked = known.get(name.text) or read(reader.lexicon, name.text)
        entries.extend(readings)
        asking.extend(asked)
        firsts.append(len(entries))
        matters.append(matter)
        actions.append(acts)
        subjects.append(whom)
        groups.setdefault(places.setdefault(name.code, len(places)), []).extend(readings)
        if progress and i % 1000 == 999:
            progress(1000)
    text, starts = concatenated(entries)
    exact, matter_keys = keys_of([entries[first] for first in firsts[:-1]]), keys_of(matters)
    asks = np.zeros(len(text), dtype=bool)
    for start, places_asked in zip(starts.tolist(), asking):
        _mark(asks, start, places_asked)
    del entries, matters, asking  # of a million names they are large
    own = [" ".join(groups.pop(place)) for place in places.values()]
    context, context_starts = concatenated([" ".join(filter(None, (one, _says(texts.get(code, ""), reader)))) for one, code in zip(own, places)])
    said = np.fromiter((units(one) for one in own), dtype=np.int64, count=len(own))
    del own
    sounds().learn(text)
    sounds().learn(context)
    first_entries = np.array(firsts, dtype=np.int64)
    return Segment(
        names=names, codes=tuple(places), record_of=np.fromiter((places[name.code] for name in names), dtype=np.int32, count=len(names)),
        firsts=first_entries, name_of=np.repeat(np.arange(len(names), dtype=np.int32), np.diff(first_entries)),
        text=text, asks=asks, starts=starts,
        context=context, context_starts=context_starts, context_names=context_starts[:-1] + said,
        actions=np.array(actions, dtype=np.int64), subjects=np.array(subjects, dtype=np.int64),
        lengths=np.diff(starts)[first_entries[:-1]].astype(np.int32),
        is_event=np.fromiter((name.kind == "life_event" for name in names), dtype=bool, count=len(names)),
        postings=build_postings(text, starts, sounds().table),
        exact=exact, matters=matter_keys)


def _says(text: str, reader: Reader) -> str:
    return " ".join(reader.name(text[:LONGEST_CONTEXT])) if text else ""


def rarity_of(segment: Segment) -> Weights:
    """Return by character how much it tells among the records of a segment."""
    return weights_of_counts(_records_with(segment.context, segment.context_starts), len(segment.codes))


@njit(cache=True, nogil=True)
def _records_with(context: Any, starts: Any) -> Any:
    """How many records have each character."""
    counts = np.zeros(CODES, dtype=np.int64)
    last = np.full(CODES, -1, dtype=np.int64)
    for record in range(starts.shape[0] - 1):
        for at in range(starts[record], starts[record + 1]):
            char = context[at]
            if last[char] != record:
                last[char] = record
                counts[char] += 1
    return counts


def entries_of(segment: Segment, most: int) -> list[str]:
    """Return names of a segment as they stand, in canonical form: all, or about `most` evenly spread ones of more."""
    return [segment.text[segment.starts[first]:segment.starts[first + 1]].tobytes().decode("utf-16-le", "surrogatepass")
            for first in segment.firsts[:-1][::max(1, len(segment.names) // most)]]
