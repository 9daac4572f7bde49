"""Where things lie in a checkout and in the data folder."""

from __future__ import annotations

from pathlib import Path

from core.settings import ROOT, Settings

DOMAIN = ROOT / "bot" / "domain"
RULES = ROOT / "bot" / "rules"
CONFIG = ROOT / "config.yml"
ENDPOINTS = ROOT / "bot" / "endpoints.yml"
CREDENTIALS = ROOT / "bot" / "credentials.yml"
NLU = ROOT / "nlu_data"
JIEBA = NLU / "jieba" / "hotline.txt"
EVALUATION = NLU / "evaluation"
MODELS = ROOT / "models"
MODEL = MODELS / "hotline.tar.gz"
FINGERPRINT = MODELS / "hotline.sha256"


def nlu_files() -> list[Path]:
    """Return the training files: the top level of nlu_data only, never what judges."""
    return sorted(NLU.glob("*.yml"))


def run_file(settings: Settings) -> Path:
    """Return the file in which a running product names its addresses."""
    return settings.data_dir / "run.json"
