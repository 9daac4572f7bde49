"""What the dense channel asks of an encoder."""

from __future__ import annotations

from typing import Protocol, Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class DenseModelFaulty(ValueError):
    """The model cannot serve; the message says what is wrong and what to do."""

    code = "dense_model_faulty"


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness, in [-1, 1]."""

    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length a text, shape (texts, dimensions); a text in which the model finds nothing is a row of zeros.

        Equal texts give equal rows but for rounding. Safe to call from several threads. Raises DenseModelFaulty when the model answers no numbers.
        """
