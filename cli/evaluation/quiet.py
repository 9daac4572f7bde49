"""Rasa and TensorFlow talk a lot while they are imported; a command prints only what it has to say."""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from typing import Iterator


@contextmanager
def hushed() -> Iterator[None]:
    """Let only errors be told while the body runs; Rasa is to be imported inside."""
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", SQLALCHEMY_SILENCE_UBER_WARNING="1", RASA_TELEMETRY_ENABLED="false")
    shown, disabled = warnings.showwarning, logging.root.manager.disable
    # Not a filter: libraries set filters of their own while they are imported.
    warnings.showwarning = lambda *_, **__: None
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        warnings.showwarning = shown
        logging.disable(disabled)


def hush_structlog() -> None:
    """Let Rasa's structured log tell errors only; unconfigured it prints every parse."""
    from rasa.utils.log_utils import configure_structlog
    configure_structlog(logging.ERROR)
