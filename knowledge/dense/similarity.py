"""Nearest names by meaning: one matrix of unit vectors, searched in full."""

from __future__ import annotations

from typing import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.dense.port import Encoder, Vectors

BATCH = 512   # texts between two calls of `progress`

Places = NDArray[np.int32]
Progress = Callable[[int, int], None]


class DenseIndex:
    """The vectors of a list of texts, in its order; immutable."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], progress: Progress = lambda at, total: None) -> None:
        """Encode `texts`; `progress` hears how many of how many are done. Raises what the encoder raises."""
        self._encoder = encoder
        self._matrix: Vectors = np.empty((len(texts), encoder.dimensions), dtype=np.float32)
        self._asked: tuple[str, Vectors] | None = None
        for begin in range(0, len(texts), BATCH):
            batch = texts[begin:begin + BATCH]
            self._matrix[begin:begin + len(batch)] = encoder.encode(batch)
            progress(begin + len(batch), len(texts))

    def __len__(self) -> int:
        return len(self._matrix)

    def nearest(self, text: str, wanted: int) -> tuple[Places, Vectors]:
        """Return the places of the `wanted` nearest texts, best first (equals in the order of the list), and their cosines, both of shape (k,).

        k is `wanted`, or all there are; a text in which the encoder finds nothing is near to none.
        """
        vector = self._vector(text)
        k = min(wanted, len(self)) if vector.any() else 0
        if k <= 0:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        cosines = self._matrix @ vector
        floor = np.partition(cosines, len(cosines) - k)[len(cosines) - k]
        above = np.flatnonzero(cosines >= floor)
        places = above[np.argsort(-cosines[above], kind="stable")[:k]].astype(np.int32)
        return places, cosines[places]

    def similarity(self, text: str, places: Places) -> Vectors:
        """Return the cosine of `text` with the texts at `places`, shape (places,)."""
        found: Vectors = self._matrix[places] @ self._vector(text)
        return found

    def added(self, texts: Sequence[str], progress: Progress = lambda at, total: None) -> DenseIndex:
        """Return a new index with `texts` after what is here; only they are encoded, the other rows are copied."""
        grown = DenseIndex(self._encoder, texts, progress)
        grown._matrix = np.concatenate((self._matrix, grown._matrix))
        return grown

    def _vector(self, text: str) -> Vectors:
        """Return the vector of a text, shape (dimensions,); the last one is kept, for a question is looked up and then compared."""
        asked = self._asked
        if asked is None or asked[0] != text:
            asked = self._asked = (text, self._encoder.encode([text])[0])
        return asked[1]
