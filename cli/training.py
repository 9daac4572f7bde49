"""Trains the model when it is missing or older than what it is made of."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli import dictionary
from cli.paths import CONFIG, DOMAIN, FINGERPRINT, JIEBA, MODEL, MODELS, RULES, nlu_files
from core.settings import ROOT

_STEP = re.compile(r"(Starting to train|Finished training) component '([^']+)'")
_FROZEN_CODE = (ROOT / "zh" / "normalise.py", ROOT / "knowledge" / "facets.py", ROOT / "bot" / "components" / "normaliser.py",
                ROOT / "requirements" / "app.lock")


class TrainingFailed(Exception):
    """Rasa could not train; the message holds the end of its output."""


def sources() -> list[Path]:
    """Return every file that the model is made of."""
    return [CONFIG, JIEBA, *sorted(DOMAIN.glob("*.yml")), *sorted(RULES.glob("*.yml")), *nlu_files(), *_FROZEN_CODE]


def fingerprint() -> str:
    """Return a hash over the content of all sources; modification times say nothing after a clone."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current() -> bool:
    """Return whether the model on disk was made of what is there now."""
    return MODEL.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text().strip() == fingerprint()


def train(console: Console, force: bool = False) -> bool:
    """Train unless the model is current; return whether it trained. Raises TrainingFailed; the old model stays then."""
    dictionary.write()
    if is_current() and not force:
        return False
    MODELS.mkdir(exist_ok=True)
    wanted = fingerprint()
    fresh = MODELS / "hotline-new.tar.gz"
    # --force: Rasa's cache does not see a change of the dictionary, of our components or of the normaliser.
    command = [sys.executable, "-m", "rasa", "train", "--force", "--config", str(CONFIG), "--domain", str(DOMAIN), "--out", str(MODELS),
               "--fixed-model-name", fresh.name[:-len(".tar.gz")], "--data", str(RULES), *map(str, nlu_files())]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        output = _follow(process, console)
    if process.returncode != 0 or not fresh.exists():
        raise TrainingFailed("".join(output[-30:]))
    fresh.replace(MODEL)
    FINGERPRINT.write_text(wanted + "\n")
    return True


def _follow(process: "subprocess.Popen[str]", console: Console) -> list[str]:
    steps = CONFIG.read_text(encoding="utf-8").count("- name:")
    output: list[str] = []
    with Progress(TextColumn("正在训练语言模型"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("train", total=steps * 2, step="读取语料")
        for line in process.stdout or ():
            output.append(line)
            if match := _STEP.search(line):
                progress.update(task, advance=1, step=match.group(2))
        progress.update(task, completed=steps * 2, step="完成")
    return output
