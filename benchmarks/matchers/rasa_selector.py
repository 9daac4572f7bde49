"""Rasa's ResponseSelector: one retrieval intent, one answer an item, learned from the names alone."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any, Mapping, Sequence

import yaml

from benchmarks.matchers.base import LIMIT, Found, Matcher

COPIES = ("{}", "请问{}", "{}啊")  # of each name among the examples; Rasa drops those that are alike
EPOCHS = 100
PIPELINE: list[dict[str, Any]] = [
    {"name": "JiebaTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char", "min_ngram": 1, "max_ngram": 3},
    {"name": "ResponseSelector", "retrieval_intent": "faq", "epochs": EPOCHS, "constrain_similarities": True, "random_seed": 12345},
]


class _Agent:
    def __init__(self, codes: Sequence[str], agent: Any) -> None:
        self._codes, self._agent, self._loop = codes, agent, asyncio.new_event_loop()

    def find(self, text: str) -> Found:
        parsed = self._loop.run_until_complete(self._agent.parse_message(text))
        ranking = parsed["response_selector"]["faq"]["ranking"][:LIMIT]
        return Found([(self._codes[int(label["intent_response_key"].removeprefix("faq/i"))], float(label["confidence"])) for label in ranking])


class Selector:
    """A model of Rasa that holds nothing but the selector."""

    def prepare(self) -> None:
        """Import Rasa and TensorFlow; whatever they tell is held back for the rest of the process."""
        import logging
        import warnings

        from cli.evaluation.quiet import hush_structlog
        os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", SQLALCHEMY_SILENCE_UBER_WARNING="1", RASA_TELEMETRY_ENABLED="false")
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        import rasa.core.agent
        import rasa.model_training  # noqa: F401
        hush_structlog()

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Train on the names and load the model."""
        with tempfile.TemporaryDirectory() as folder:
            os.environ["RASA_CACHE_DIRECTORY"] = f"{folder}/cache"
            from rasa.core.agent import Agent
            from rasa.model_training import train_nlu
            examples = [{"intent": f"faq/i{i}", "examples": "".join(f"- {copy.format(_one_line(text))}\n" for copy in COPIES)}
                        for i, (_, text) in enumerate(names)]
            answers = {f"utter_faq/i{i}": [{"text": f"第{i}条"}] for i in range(len(names))}
            _write(Path(folder) / "nlu.yml", {"version": "3.1", "nlu": examples, "responses": answers})
            _write(Path(folder) / "config.yml", {"recipe": "default.v1", "language": "zh", "assistant_id": "bench", "pipeline": PIPELINE})
            model = train_nlu(f"{folder}/config.yml", f"{folder}/nlu.yml", f"{folder}/models")
            return _Agent([code for code, _ in names], Agent.load(str(model)))


def _one_line(text: str) -> str:
    # Brackets would be read as entities.
    return " ".join(text.translate(str.maketrans("[](){}", "      ")).split())


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(content), allow_unicode=True), encoding="utf-8")
