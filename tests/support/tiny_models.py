"""Tiny real models for the dense channel: a table of vectors by character, exported as ONNX, and a tokenizer of characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from knowledge.dense.onnx import PROBE

VOCABULARY = ["[PAD]", "[UNK]", *sorted(set(PROBE + "换领护照营业执照问：公司开户口本"))]
NUMBER = {sign: place for place, sign in enumerate(VOCABULARY)}
WIDTH = 6
TABLE = np.random.default_rng(7).normal(size=(len(VOCABULARY), WIDTH)).astype(np.float32)
KINDS = np.full((2, WIDTH), 3.0, dtype=np.float32)
TEXTS = ("身份证丢了怎么补办", "换领护照", "营业执照", "证")


def tokenizer(folder: Path, dropped: str = "，") -> None:
    """Write a tokenizer of characters; what the pattern `dropped` finds gives no token."""
    made = Tokenizer(models.WordLevel(NUMBER, unk_token="[UNK]"))
    made.normalizer = normalizers.Replace(Regex(dropped), "")
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.enable_padding(pad_id=0, pad_token="[PAD]")
    made.save(str(folder / "tokenizer.json"))


def network(nodes: Sequence[Any], outputs: dict[str, Sequence[int | str]], inputs: dict[str, int], table: np.ndarray, axes: Sequence[int | str]) -> Any:
    graph = helper.make_graph(
        list(nodes), "tiny",
        [helper.make_tensor_value_info(name, kind, axes) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(KINDS, "kinds")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def states(name: str = "last_hidden_state", table: np.ndarray = TABLE, ids: str = "input_ids", axes: Sequence[int | str] = ("texts", "tokens")) -> Any:
    """A model that looks each token up and answers its vector."""
    return network([helper.make_node("Gather", ["table", ids], [name])], {name: [*axes, table.shape[1]]}, {ids: TensorProto.INT64}, table, axes)


def whole(first: str, second: str) -> Any:
    """A model with two outputs: the greatest number of each dimension as `first`, the states as `second`."""
    nodes = [helper.make_node("Gather", ["table", "input_ids"], [second]), helper.make_node("ReduceMax", [second], [first], axes=[1], keepdims=0)]
    return network(nodes, {first: ["texts", WIDTH], second: ["texts", "tokens", WIDTH]}, {"input_ids": TensorProto.INT64}, TABLE, ["texts", "tokens"])


def with_mask_and_kinds() -> Any:
    """A model that adds the vector of the token's type and, to every token, the number of real tokens in the batch; narrow whole numbers."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Gather", ["kinds", "token_type_ids"], ["types"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["mask"], ["count"]),
        helper.make_node("Add", ["words", "types"], ["typed"]),
        helper.make_node("Add", ["typed", "count"], ["last_hidden_state"]),
    ]
    inputs = dict.fromkeys(("input_ids", "token_type_ids", "attention_mask"), TensorProto.INT32)
    return network(nodes, {"last_hidden_state": ["texts", "tokens", WIDTH]}, inputs, TABLE, ["texts", "tokens"])


def whole_only() -> Any:
    """One vector a text, under a name that says nothing."""
    model = whole("pooled", "features")
    del model.graph.output[1]
    return model


def short() -> Any:
    """A model with fewer positions than a text may have tokens."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Shape", ["input_ids"], ["length"], start=1, end=2),
        helper.make_node("Squeeze", ["length"], ["end"]),
        helper.make_node("Constant", [], ["zero"], value_int=0),
        helper.make_node("Constant", [], ["one"], value_int=1),
        helper.make_node("Range", ["zero", "end", "one"], ["positions"]),
        helper.make_node("Gather", ["table", "positions"], ["where"]),
        helper.make_node("Add", ["words", "where"], ["last_hidden_state"]),
    ]
    return network(nodes, {"last_hidden_state": ["texts", "tokens", WIDTH]}, {"input_ids": TensorProto.INT64}, TABLE, ["texts", "tokens"])


def flat() -> Any:
    """The right name on an output of two axes."""
    model = whole("last_hidden_state", "features")
    del model.graph.output[1]
    return model


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def looked_up(text: str) -> np.ndarray:
    """The vectors of a text's characters, shape (characters, WIDTH)."""
    return TABLE[[NUMBER.get(char, 1) for char in text]]


def means(texts: Sequence[str]) -> np.ndarray:
    return unit(np.stack([looked_up(text).mean(axis=0) for text in texts]))
