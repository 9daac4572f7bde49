"""Logs as JSON lines on standard error, from our code and from libraries, with personal data masked."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any, MutableMapping, cast

import structlog

from core.pii import mask


def mask_values(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Structlog processor: mask every value, however deeply nested, and every object that would be printed."""
    return {key: _masked(value) for key, value in event.items() if not key.startswith("_")}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        text = str(value)
        # Whole numbers are mostly counts and times; only what is as long as a mobile or an ID number can be personal.
        return mask(text) if len(text) == 11 or len(text) >= 15 else value
    if isinstance(value, Mapping):
        return {mask(str(key)): _masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(item) for item in value]
    return mask(repr(value))


def configure_logs(service: str, level: str = "INFO") -> None:
    """Send all logs of this process, structlog's and the standard library's, to stderr as masked JSON lines."""

    def name_service(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {"service": service, **event}

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            name_service,
            mask_values,
            structlog.processors.TimeStamper(fmt="iso", utc=False, key="at"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    ))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger; it follows `configure_logs` whenever that is called."""
    return cast(structlog.stdlib.BoundLogger, structlog.get_logger(name))
