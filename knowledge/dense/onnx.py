"""An encoder from a local model directory: tokenizers for the text, ONNX Runtime on the CPU for the vectors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.dense.layout import Layout, Pooling, read_layout
from knowledge.dense.port import DenseModelFaulty, Vectors

TOKENS = 128   # of a text, its prompt and special tokens included; what is longer is cut off
BATCH = 32     # texts a run of the model
PROBE = "身份证丢了怎么补办"

_FED = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_WHOLE_NUMBERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


def load_encoder(directory: Path, threads: int = 1) -> OnnxEncoder:
    """Load the model of `directory` and try it; `threads` is what one run of the model may use.

    Raises DenseModelFaulty when a part is missing, unreadable, or does not fit the others.
    """
    # Only a process that has a model pays for these two.
    import onnxruntime
    from tokenizers import Tokenizer

    layout = read_layout(directory)
    try:
        tokenizer = Tokenizer.from_file(str(layout.tokenizer))
        tokenizer.enable_truncation(max_length=TOKENS)
    except Exception as error:  # the library has no class of its own for it
        raise DenseModelFaulty(f"{layout.tokenizer} cannot be read: {_said(error)}; fetch it again") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4   # its errors are raised as well
    try:
        session = onnxruntime.InferenceSession(str(layout.model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its classes have no common base
        raise DenseModelFaulty(_unreadable(layout.model, _said(error))) from error
    return OnnxEncoder(layout, tokenizer, session)


class OnnxEncoder:
    """A loaded and tried model; safe to use from several threads."""

    dimensions: int

    def __init__(self, layout: Layout, tokenizer: Any, session: Any) -> None:
        self._tokenizer = tokenizer
        self._session = session
        self._pooling: Pooling = layout.pooling
        self._prompt = layout.prompt
        self._file = layout.model
        padding = tokenizer.padding
        tokenizer.no_padding()   # a batch is padded to its longest text in here, on the right
        self._pad: int = padding["pad_id"] if padding else next(filter(None, map(tokenizer.token_to_id, ("[PAD]", "<pad>"))), 0)
        self._inputs = self._asked()
        self._output = self._answered(layout.further)
        self._try()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length a text, shape (texts, dimensions), float32; a text that is blank or has no token is a row of zeros.

        Raises DenseModelFaulty when the model answers NaN or infinity.
        """
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))   # texts of like length waste little padding
        for begin in range(0, len(order), BATCH):
            cut = [(place, self._tokens(texts[place])) for place in order[begin:begin + BATCH] if texts[place].strip()]
            found = [(place, encoding) for place, encoding in cut if encoding.ids]
            if found:
                vectors[[place for place, _ in found]] = self._vectors([encoding for _, encoding in found])
        return vectors

    def _tokens(self, text: str) -> Any:
        clean = text.encode("utf-8", "replace").decode("utf-8")   # a lone surrogate is no text to the tokenizer
        return self._tokenizer.encode(self._prompt + clean)

    def _vectors(self, encodings: Sequence[Any]) -> Vectors:
        ids = _padded([encoding.ids for encoding in encodings], self._pad)
        mask = _padded([encoding.attention_mask for encoding in encodings], 0)
        kinds = _padded([encoding.type_ids for encoding in encodings], 0)
        answer = self._run(ids, mask, kinds)
        if answer.ndim == 3:
            answer = answer[:, 0] if self._pooling == "cls" else _mean(answer, mask)
        if not np.isfinite(answer).all():
            raise DenseModelFaulty(f"{self._file} answers NaN or infinity: export it again in float32")
        length = np.linalg.norm(answer, axis=1, keepdims=True)
        unit: Vectors = np.divide(answer, length, out=np.zeros_like(answer), where=length > 0)
        return unit

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int64], kinds: NDArray[np.int64]) -> Vectors:
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
        answer, = self._session.run([self._output], {name: given[name].astype(kind) for name, kind in self._inputs.items()})
        return np.asarray(answer, dtype=np.float32)

    def _asked(self) -> dict[str, type]:
        inputs = {one.name: one.type for one in self._session.get_inputs()}
        strange = sorted(name for name, kind in inputs.items() if name not in _FED or kind not in _WHOLE_NUMBERS)
        if strange or "input_ids" not in inputs:
            raise DenseModelFaulty(f"{self._file} asks for {', '.join(strange) or 'no input_ids'}: export a text encoder whose inputs are input_ids, "
                                   "attention_mask and, if it needs them, token_type_ids, as whole numbers")
        return {name: _WHOLE_NUMBERS[kind] for name, kind in inputs.items()}

    def _answered(self, further: tuple[str, ...]) -> str:
        outputs = {one.name: len(one.shape) for one in self._session.get_outputs()}
        if "sentence_embedding" in outputs:
            return "sentence_embedding"
        if further:
            raise DenseModelFaulty(f"{self._file} lacks a step of its pipeline, {', '.join(further)}: export it with a sentence_embedding output "
                                   "that has done it, or choose a model with mean or cls pooling alone")
        name = "last_hidden_state" if "last_hidden_state" in outputs else next((name for name, rank in outputs.items() if rank == 3), None)
        if name is None:
            raise DenseModelFaulty(f"{self._file} has no fitting output, only {', '.join(outputs)}: export it for feature extraction, "
                                   "with last_hidden_state or sentence_embedding")
        return name

    def _try(self) -> None:
        """Find the dimensions and encode a short and an overlong text, so that a wrong model fails now and not in a call."""
        last = max(self._tokenizer.get_vocab(with_added_tokens=False).values(), default=0)
        one = np.ones((1, 1), dtype=np.int64)
        try:
            shape = self._run(one * last, one, one * 0).shape
        except Exception as error:
            raise DenseModelFaulty(f"{self._file} does not take the last token of tokenizer.json: {_said(error)}; "
                                   "take both from the same model") from error
        wanted = 2 if self._output == "sentence_embedding" else 3
        if len(shape) != wanted or shape[0] != 1:
            raise DenseModelFaulty(f"{self._file}: output {self._output} has the shape {shape}, not {wanted} axes with texts first: "
                                   "export it for feature extraction")
        self.dimensions = shape[-1]
        if not self.dimensions:
            raise DenseModelFaulty(f"{self._file}: output {self._output} has dimension 0: export the model again")
        try:
            tried = self.encode([PROBE, PROBE * TOKENS])
        except DenseModelFaulty:
            raise
        except Exception as error:
            raise DenseModelFaulty(f"{self._file} fails on a text: {_said(error)}; export it with free axes, "
                                   f"for batches and for {TOKENS} tokens") from error
        if not tried.any(axis=1).all():
            raise DenseModelFaulty(f"{self._file} finds nothing in a Chinese text: choose a Chinese or multilingual model")


def _padded(rows: Sequence[Sequence[int]], fill: int) -> NDArray[np.int64]:
    """Return the rows side by side with `fill` on their right, shape (rows, longest)."""
    padded = np.full((len(rows), max(map(len, rows))), fill, dtype=np.int64)
    for place, row in enumerate(rows):
        padded[place, :len(row)] = row
    return padded


def _mean(states: Vectors, mask: NDArray[np.int64]) -> Vectors:
    """Return the mean over the tokens that the mask lets through; states (texts, tokens, dimensions), mask (texts, tokens)."""
    weights = mask[:, :, None].astype(np.float32)
    mean: Vectors = (states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    return mean


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _unreadable(model: Path, said: str) -> str:
    unnamed = said.replace(str(model), "")   # the path is free to hold any word
    missing = re.search(r"GetFileLength for (.+?) failed", unnamed)
    if missing or "external" in unnamed.lower():
        name = Path(missing.group(1)).name if missing else "its external data"
        return f"{model} keeps its weights in {name}, which is missing or cut off: put that file beside it"
    return f"{model} cannot be read: {said}; fetch or export it again"
