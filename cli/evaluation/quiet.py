"""Rasa and TensorFlow talk a lot while they are imported; a command prints only what it has to say."""

from __future__ import annotations

import os
import warnings


def hush() -> None:
    """Silence notices and deprecation warnings of this process; call it before Rasa is imported."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", SQLALCHEMY_SILENCE_UBER_WARNING="1", RASA_TELEMETRY_ENABLED="false", LOG_LEVEL="ERROR")
    warnings.simplefilter("ignore")


def hush_logs() -> None:
    """Let Rasa's loggers tell errors only; call it after Rasa is imported."""
    import logging

    from rasa.utils.log_utils import configure_structlog
    configure_structlog(logging.ERROR)
    for name in ("rasa", "jieba", "matplotlib", "tensorflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
