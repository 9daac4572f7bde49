"""`hotline admin renew-keys`: a new key for the personal columns, while the product runs."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Table

from core.cipher import add_key, drop_old_keys, key_count, load_cipher, renewing
from core.db import connect, metadata, migrate
from core.settings import Settings
from tickets.bootstrap import build_vault
from tickets.store.renewal import personal, renew_rows, row_count


@dataclass(frozen=True)
class Renewal:
    """What a run did: whether it made a key or finished what an earlier one began, how many values and files it wrote, how many keys went."""

    added: bool
    written: int
    dropped: int


def renew_keys(console: Console, settings: Settings, keep_old: bool) -> Renewal:
    """Make a new key, write every personal column and every photo anew under it, and drop the older keys unless `keep_old`.

    Where the file still holds older keys an earlier run was cut short or kept them: then no key is made, and that run is finished.
    Raises KeysFaulty, RenewalRuns and OldKeyInUse; in each case no key is lost.
    """
    path = settings.personal_keys
    cipher = load_cipher(path)
    migrate(settings.database, cipher)
    database = connect(settings.database)
    try:
        with renewing(path):
            added = key_count(path) == 1
            if added:
                add_key(path)
            tables = _tables()
            with Progress(TextColumn("正在换密钥"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console,
                          disable=not console.is_terminal) as bar:
                # Twice: the second pass makes sure that nothing is left under an older key.
                task = bar.add_task("", total=2 * row_count(database, tables))
                written = renew_rows(database, cipher, tables, lambda rows: bar.advance(task, rows))
            written += build_vault(settings, cipher).renew()
            return Renewal(added, written, 0 if keep_old else drop_old_keys(path))
    finally:
        database.close()


def _tables() -> list[Table]:
    """Every table of the product that holds encrypted columns."""
    import tickets.store.hooks
    import tickets.store.tables  # noqa: F401  (their tables join the metadata)
    return [table for table in metadata.sorted_tables if personal(table)]
