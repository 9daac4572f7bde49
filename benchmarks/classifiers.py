"""Logistic regression against DIET on the same features; writes docs/benchmarks/classifiers.md. Takes minutes, so it is no test."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import typer
import yaml
from rich.console import Console

from cli import dictionary
from cli.checks.training import Example, read_examples
from cli.evaluation.intents import Guess, Point, accuracy, best_threshold, curve
from cli.evaluation.measures import percentile
from cli.evaluation.quiet import hush_structlog, hushed
from cli.evaluation.report import table
from cli.paths import CONFIG, EVALUATION, JIEBA, nlu_files
from core.settings import ROOT

REPORT = ROOT / "docs" / "benchmarks" / "classifiers.md"
OURS = "LogisticRegressionClassifier"
RIVAL: dict[str, Any] = {"name": "DIETClassifier", "constrain_similarities": True, "entity_recognition": False, "random_seed": 12345}
# What comes after the classifier looks at knowledge too; here the classifier alone is compared.
LEFT_OUT = ("bot.components.knowledge_match.KnowledgeMatch", "bot.components.intent_decision.IntentDecision")
THRESHOLDS = tuple(round(step * 0.05, 2) for step in range(20))
SHOWN = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Trial:
    """One classifier trained and examined; times in seconds of processor time over all cores, size in bytes."""

    name: str
    training: float
    size: int
    parse: float
    guesses: Sequence[Guess]


def pipeline_with(config: Mapping[str, Any], classifier: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a configuration for training the NLU alone, with `classifier` in the place of ours, or ours as it is."""
    steps: list[dict[str, Any]] = []
    for step in config["pipeline"]:
        if step["name"] not in LEFT_OUT:
            steps.append(dict(classifier) if classifier and step["name"] == OURS else dict(step))
    for step in steps:
        if "dictionary_path" in step:
            step["dictionary_path"] = str(JIEBA.parent)
    return {key: config[key] for key in ("recipe", "language", "assistant_id")} | {"pipeline": steps}


def run_trial(name: str, config: Mapping[str, Any], sentences: Sequence[Example], folder: Path) -> Trial:
    """Train on a copy of the training data in `folder`, which is empty at first, and hear every sentence."""
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")  # a step taken from the cache would not be timed
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    hush_structlog()
    (folder / "data").mkdir(parents=True)
    for path in nlu_files():
        shutil.copy(path, folder / "data")  # the folder itself also holds the set that judges
    (folder / "config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    start = time.process_time()  # not the clock on the wall: other programs share the machine
    model = Path(train_nlu(str(folder / "config.yml"), str(folder / "data"), str(folder / "models")))
    training = time.process_time() - start
    agent = Agent.load(str(model))
    loop = asyncio.new_event_loop()
    guesses, seconds = [], []
    for sentence in sentences:
        start = time.process_time()
        parsed = loop.run_until_complete(agent.parse_message(sentence.text))
        seconds.append(time.process_time() - start)
        intent = parsed["intent"]
        guesses.append(Guess(sentence.text, sentence.intent, intent["name"] or "", intent["name"] or "", float(intent["confidence"])))
    loop.close()
    return Trial(name, training, model.stat().st_size, percentile(seconds[1:], 0.5), guesses)


def chosen(trial: Trial) -> tuple[Point, Point]:
    """Return the best threshold on the sentences of even index, and what it does on the others."""
    best = best_threshold(curve(trial.guesses[::2], THRESHOLDS))
    return best, curve(trial.guesses[1::2], (best.threshold,))[0]


def markdown(trials: Sequence[Trial], examples: int, intents: int, epochs: int) -> str:
    """Return the report; times only as ratios to the first trial, for they belong to a machine."""
    first = trials[0]
    head = ("classifier", "accuracy", "own threshold", "kept there (other half)", "right of the kept", "training time", "parse p50", "model")
    rows = [(trial.name, accuracy(trial.guesses)[0], f"{best.threshold:.2f}", other.kept, other.right, f"{trial.training / first.training:.1f} ×",
             f"{trial.parse / first.parse:.1f} ×", f"{trial.size / 1e6:.1f} MB") for trial in trials for best, other in [chosen(trial)]]
    curves = [table(("threshold", "kept", "right of the kept"), ((f"{p.threshold:.1f}", p.kept, p.right) for p in curve(trial.guesses, SHOWN)))
              for trial in trials]
    return "\n\n".join((
        "<!-- Written by benchmarks/classifiers.py; changes by hand are lost. -->", "# Which intent classifier",
        f"Both are trained on the same {examples} phrases of {intents} intents with the tokenizer and featurizers of `config.yml`, and hear the "
        f"{len(first.guesses)} held-out sentences of `nlu_data/evaluation/intents.yml`. The logistic regression is configured as in `config.yml`, "
        f"DIET with {epochs} epochs, `constrain_similarities`, and no entity recognition. Their confidences are not comparable, so "
        "each has a threshold of its own: the one with the most right minus wrong among the kept sentences of even index; its effect is told on "
        "the others. Times are processor time, as a ratio to the first.",
        table(head, rows),
        *(part for trial, points in zip(trials, curves) for part in (f"## {trial.name} by threshold, all sentences", points)))) + "\n"


def main(epochs: int = typer.Option(60, min=1, help="DIET 训练的轮数")) -> None:
    """各训练一次逻辑回归和 DIET，考同一套句子，把比较写进 docs/benchmarks/classifiers.md。"""
    console = Console()
    dictionary.write()
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    sentences, examples = read_examples([EVALUATION / "intents.yml"]), read_examples(nlu_files())
    trials = []
    with hushed(), tempfile.TemporaryDirectory() as folder:
        for name, classifier in (("logistic regression", None), ("DIET", {**RIVAL, "epochs": epochs})):
            console.print(f"正在训练 {name}", highlight=False)
            trials.append(run_trial(name, pipeline_with(config, classifier), sentences, Path(folder) / name.replace(" ", "-")))
            console.print(f"  意图正确 {accuracy(trials[-1].guesses)[0]}", highlight=False)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(markdown(trials, len(examples), len({example.intent for example in examples}), epochs), encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {REPORT.relative_to(ROOT)}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
