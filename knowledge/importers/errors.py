"""What can go wrong between a file and the store; the message tells the editor, in Chinese, what to do."""

from __future__ import annotations


class ExchangeError(Exception):
    """The exchange as a whole cannot be done; nothing was changed."""

    code = "exchange_failed"


class FileRefused(ExchangeError):
    """The file is no table that can be imported."""

    code = "file_refused"


class MappingFaulty(ExchangeError):
    """The mapping cannot be used; the message holds every fault, one a line."""

    code = "mapping_faulty"


class ExportFailed(ExchangeError):
    """The records cannot be written in the form that was asked for."""

    code = "export_failed"


class CellRefused(ValueError):
    """One cell cannot be understood; the message says why. It never leaves this package: its row is refused."""


class RowRefused(ValueError):
    """One row cannot be taken; the message says why. It never leaves this package: the report tells it."""
