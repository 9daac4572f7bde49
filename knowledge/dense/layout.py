"""Where a model directory keeps its parts, and what its configuration says, in the layout of sentence-transformers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from knowledge.dense.port import DenseModelFaulty

Pooling = Literal["mean", "cls"]

_POOLINGS: dict[str, Pooling] = {"mean": "mean", "mean_tokens": "mean", "cls": "cls", "cls_token": "cls"}
_DONE_HERE = frozenset({"Transformer", "Pooling", "Normalize"})   # steps of a sentence-transformers pipeline that this package does itself


@dataclass(frozen=True)
class Layout:
    """The parts of one model directory."""

    tokenizer: Path
    model: Path
    pooling: Pooling
    prompt: str               # goes in front of each text
    further: tuple[str, ...]  # what else makes a vector: only a model with an output `sentence_embedding` of its own has done it


def read_layout(directory: Path) -> Layout:
    """Return the layout of a model directory; raises DenseModelFaulty when a part is missing or its configuration is not understood."""
    if not directory.is_dir():
        raise DenseModelFaulty(f"{directory} is no directory: point HOTLINE_DENSE_MODEL at the one that holds tokenizer.json and model.onnx")
    tokenizer = directory / "tokenizer.json"
    if not tokenizer.is_file():
        raise DenseModelFaulty(f"{directory} has no tokenizer.json: save the model's fast tokenizer there")
    model = next((file for file in (directory / "model.onnx", directory / "onnx" / "model.onnx") if file.is_file()), None)
    if model is None:
        raise DenseModelFaulty(f"{directory} has no model.onnx: export the model to ONNX and put it there")
    pooling = _pooling(directory)
    further = _further(directory)
    if pooling not in _POOLINGS:
        further = (f"{pooling} pooling", *further)
    return Layout(tokenizer, model, _POOLINGS.get(pooling, "mean"), _prompt(directory), further)


def _pooling(directory: Path) -> str:
    for file in (directory / "1_Pooling" / "config.json", directory / "config.json"):
        config = _object(file)
        said = config.get("pooling_mode")
        modes = [str(said)] if said else [key[len("pooling_mode_"):] for key, on in config.items() if key.startswith("pooling_mode_") and on]
        if modes:
            return " and ".join(modes)
    return "mean"


def _prompt(directory: Path) -> str:
    file = directory / "config_sentence_transformers.json"
    prompts = _object(file).get("prompts") or {}
    prompt = (prompts.get("query") or "") if isinstance(prompts, dict) else None
    if not isinstance(prompt, str):
        raise DenseModelFaulty(f"{file}: prompts.query is no text: correct it or take the file away")
    return prompt


def _further(directory: Path) -> tuple[str, ...]:
    modules = _json(directory / "modules.json", [])
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules if isinstance(module, dict)] if isinstance(modules, list) else []
    return tuple(kind for kind in kinds if kind not in _DONE_HERE)


def _object(file: Path) -> dict[str, Any]:
    found = _json(file, {})
    if not isinstance(found, dict):
        raise DenseModelFaulty(f"{file} is no JSON object: fetch it again or take it away")
    return found


def _json(file: Path, missing: Any) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else missing
    except (OSError, ValueError) as error:
        raise DenseModelFaulty(f"{file} cannot be read: {error}; fetch it again or take it away") from error
