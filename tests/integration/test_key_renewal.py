"""New keys for what is encrypted, while the product runs: nothing is lost, whatever comes in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import cli.secret_keys
from cli import main
from core.cipher import Cipher, KeysFaulty, RenewalRuns, add_key, drop_old_keys, key_count, load_cipher, renewing
from core.db import Database, migrate
from core.settings import Settings
from tests.support.ticket_store import AT, NEW, deadlines, done, nth, opened
from tickets.errors import StaleTicket
from tickets.hooks import Webhook
from tickets.model import Act
from tickets.store.hooks import SqlHooks
from tickets.store.renewal import OldKeyInUse, encrypting, renew_rows, row_count
from tickets.store.rows import ticket_row
from tickets.store.sql import SqlTickets
from tickets.store.tables import tickets

pytest_plugins = ("tests.support.ticket_store",)

ROOT = Path(__file__).resolve().parents[2]
DEADLINES = deadlines()
TABLES = [tickets]


@pytest.fixture
def settings(url: str, key_file: Path, tmp_path: Path) -> Settings:
    return Settings(database_url=url, keys_file=key_file, data_dir=tmp_path)


def fill(store: SqlTickets, count: int = 7) -> None:
    for n in range(count):
        store.add(opened(DEADLINES, nth(n, name=None if n == 3 else f"王{n}", phone=f"1381234567{n}", opened_at=AT + timedelta(hours=n))))


def renew(settings: Settings, keep_old: bool = False) -> cli.secret_keys.Renewal:
    return cli.secret_keys.renew_keys(main.console, settings, keep_old)


def readable(database: Database, key_file: Path, count: int = 7) -> None:
    """Whoever starts now reads and finds everything."""
    store = SqlTickets(database, load_cipher(key_file))
    found = sorted(store.recent(99), key=lambda ticket: ticket.number)
    assert [(ticket.name, ticket.phone, ticket.id_number, ticket.elements.where) for ticket in found] == [
        (None if n == 3 else f"王{n}", f"1381234567{n}", NEW.id_number, "小清河北岸") for n in range(count)]
    assert [[ticket.number for ticket in store.of_phone(ticket.phone or "", 9)] for ticket in found] == [[ticket.number] for ticket in found]


def test_everything_is_under_the_new_key_and_the_old_one_is_gone(store: SqlTickets, database: Database, settings: Settings, key_file: Path) -> None:
    fill(store)
    before, old = store.recent(99), key_file.read_bytes()
    assert renew(settings) == cli.secret_keys.Renewal(added=True, written=7 * 4 - 1, dropped=1)
    readable(database, key_file)
    assert store.recent(99) == before, "neither version nor moment of a ticket moves, and who runs goes on reading"
    (key_file.parent / "old.keys").write_bytes(old)
    with pytest.raises(KeysFaulty):
        SqlTickets(database, load_cipher(key_file.parent / "old.keys")).recent(1)
    assert renew(settings) == cli.secret_keys.Renewal(added=True, written=7 * 4 - 1, dropped=1)
    readable(database, key_file)


def test_old_keys_can_be_kept_and_go_with_the_next_run(store: SqlTickets, database: Database, settings: Settings, key_file: Path) -> None:
    fill(store)
    assert renew(settings, keep_old=True) == cli.secret_keys.Renewal(added=True, written=27, dropped=0)
    assert key_count(key_file) == 2
    assert renew(settings) == cli.secret_keys.Renewal(added=False, written=0, dropped=1)
    readable(database, key_file)


def test_secrets_of_webhooks_are_renewed_too(database: Database, cipher: Cipher, settings: Settings, key_file: Path) -> None:
    id = SqlHooks(database, cipher).add(Webhook(0, "https://office.example/hook", "s3cret", None, None, ()))
    assert renew(settings).written == 1
    assert [(hook.id, hook.secret) for hook in SqlHooks(database, load_cipher(key_file)).all()] == [(id, "s3cret")]


def test_an_empty_database_gets_its_new_key(settings: Settings, key_file: Path) -> None:
    load_cipher(key_file)
    before = key_file.read_text()
    assert renew(settings) == cli.secret_keys.Renewal(added=True, written=0, dropped=1)
    assert (key_count(key_file), key_file.read_text() == before) == (1, False)


@pytest.mark.parametrize("batch", [1, 2, 7, 100])
def test_batches_of_any_size_meet_every_row(store: SqlTickets, database: Database, cipher: Cipher, key_file: Path, batch: int) -> None:
    fill(store)
    add_key(key_file)
    told: list[int] = []
    assert renew_rows(database, cipher, TABLES, told.append, batch) == 27
    assert sum(told) == 2 * row_count(database, TABLES) == 14
    assert renew_rows(database, cipher, TABLES, told.append, batch) == 0
    drop_old_keys(key_file)
    readable(database, key_file)


_KILLED = """
import os, signal, sys
from pathlib import Path
import cli.secret_keys as command
from cli.common import console
from core.settings import Settings
url, keys, point = sys.argv[1:]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if point == "key added": command.renew_rows = die
elif point == "all written": command.drop_old_keys = die
else:
    whole, left = command.renew_rows, [int(point)]
    def told(rows):
        left[0] -= rows
        if left[0] < 0: die()
    command.renew_rows = lambda database, cipher, tables, _: whole(database, cipher, tables, told, 2)
command.renew_keys(console, Settings(database_url=url, keys_file=Path(keys)), False)
"""


@pytest.mark.parametrize("point", ["key added", "0", "3", "9", "all written"])
def test_a_killed_run_loses_nothing_and_the_next_one_finishes_it(store: SqlTickets, database: Database, settings: Settings, key_file: Path,
                                                                 url: str, point: str) -> None:
    fill(store)
    killed = subprocess.run([sys.executable, "-c", _KILLED, url, str(key_file), point], cwd=ROOT, stderr=subprocess.PIPE, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    assert key_count(key_file) == 2
    readable(database, key_file)
    done_before = {"key added": 0, "0": 2, "3": 4, "9": 7, "all written": 7}[point]
    finished = renew(settings)
    assert (finished.added, finished.dropped) == (False, 1)
    assert finished.written == 27 - (done_before * 4 - (done_before > 3))
    readable(database, key_file)


class Interrupting(Cipher):
    """Does something in the moment between reading a token and writing it anew, once."""

    def __init__(self, path: Path, act: Callable[[], None]) -> None:
        super().__init__(path)
        self._act: Callable[[], None] | None = act

    def renew(self, token: str) -> str:
        act, self._act = self._act, None
        if act:
            act()
        return super().renew(token)


def test_an_act_that_comes_in_between_is_not_overwritten(store: SqlTickets, database: Database, cipher: Cipher, key_file: Path) -> None:
    fill(store)

    def act() -> None:
        ticket = store.find(nth(1).number)
        assert ticket is not None
        change = done(DEADLINES, ticket, Act.URGE)
        store.save(replace(change, ticket=replace(change.ticket, phone="13900001111")))

    add_key(key_file)
    renew_rows(database, Interrupting(key_file, act), TABLES)
    drop_old_keys(key_file)
    found = SqlTickets(database, load_cipher(key_file)).find(nth(1).number)
    assert found is not None
    assert (found.urged, found.phone, found.version, found.name) == (1, "13900001111", 3, "王1")


def test_a_renewal_that_comes_between_reading_and_acting_disturbs_no_act(store: SqlTickets, database: Database, settings: Settings,
                                                                         key_file: Path) -> None:
    fill(store)
    ticket = store.find(nth(1).number)
    assert ticket is not None
    renew(settings)
    store.save(done(DEADLINES, ticket, Act.URGE))
    readable(database, key_file)
    with pytest.raises(StaleTicket):
        store.save(done(DEADLINES, ticket, Act.URGE))


def test_who_began_to_write_before_the_new_key_is_waited_for(store: SqlTickets, database: Database, cipher: Cipher, settings: Settings,
                                                             key_file: Path) -> None:
    """Else the old key would go before its last row came."""
    fill(store, 6)
    hidden, go = threading.Event(), threading.Event()
    last = opened(DEADLINES, nth(6, name="王6", phone="13812345676", opened_at=AT + timedelta(hours=6)))

    def write() -> None:
        with encrypting(database) as connection:
            row = ticket_row(last, cipher)
            hidden.set()
            go.wait(60)
            connection.execute(tickets.insert().values(row))

    writer = threading.Thread(target=write)
    writer.start()
    assert hidden.wait(60)
    add_key(key_file)  # so the run that follows is one that goes on
    renewal = threading.Thread(target=renew, args=(settings,))
    renewal.start()
    renewal.join(1)
    go.set()
    writer.join(60)
    renewal.join(60)
    assert (writer.is_alive(), renewal.is_alive(), key_count(key_file)) == (False, False, 1)
    readable(database, key_file)


def test_rows_that_an_act_holds_are_written_when_it_lets_go(store: SqlTickets, database: Database, cipher: Cipher, key_file: Path, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one lock for all rows; see the test before")
    fill(store)
    add_key(key_file)
    renewal = threading.Thread(target=renew_rows, args=(database, cipher, TABLES))
    with database.write() as connection:
        for n in (4, 1):  # against the order in which the renewal meets them
            connection.execute(select(tickets.c.number).where(tickets.c.number == nth(n).number).with_for_update()).one()
            if n == 4:
                renewal.start()
                renewal.join(1)
    renewal.join(60)
    assert not renewal.is_alive()
    drop_old_keys(key_file)
    readable(database, key_file)


_URGES = """
import sys
from datetime import timedelta
from pathlib import Path
import structlog
from core.settings import Settings
from tests.support.ticket_store import AT
from tickets.bootstrap import build
from tickets.errors import TicketBusy
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
url, keys, *numbers = sys.argv[1:]
service = build(Settings(database_url=url, keys_file=Path(keys)), None)
print("ready", flush=True)
done = 0
while not Path(keys).with_name("enough").exists():
    for number in numbers:
        try:
            service.urge(number, at=AT + timedelta(days=1 + done), trusted=True)  # so many a day would be refused
            done += 1
        except TicketBusy:
            pass
print(done)
"""


def test_keys_are_renewed_again_and_again_while_the_product_runs(store: SqlTickets, database: Database, settings: Settings, key_file: Path,
                                                                 url: str) -> None:
    fill(store)
    numbers = [nth(n).number for n in range(7)]
    products = [subprocess.Popen([sys.executable, "-c", _URGES, url, str(key_file), *numbers], cwd=ROOT, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}) for _ in range(2)]
    try:
        for product in products:
            assert product.stdout is not None and product.stderr is not None
            assert product.stdout.readline() == "ready\n", product.stderr.read()[-2000:]
        for _ in range(5):
            renew(settings)
    finally:
        key_file.with_name("enough").touch()
    urged = 0
    for product in products:
        out, errors = product.communicate(timeout=300)
        assert product.returncode == 0, errors[-2000:]
        urged += int(out)
    readable(database, key_file)
    found = SqlTickets(database, load_cipher(key_file)).recent(99)
    assert sum(ticket.urged for ticket in found) == urged
    assert all([entry.version for entry in store.trail(ticket.number)] == list(range(1, ticket.version + 1)) for ticket in found)


# --- when it cannot be done ----------------------------------------------------------------------------------------------
def test_a_process_that_reads_another_file_is_noticed_before_the_old_key_goes(store: SqlTickets, database: Database, settings: Settings, key_file: Path,
                                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    copy = key_file.with_name("copy.keys")
    copy.write_bytes(key_file.read_bytes())
    stranger, whole = SqlTickets(database, load_cipher(copy)), cli.secret_keys.renew_rows

    def disturbed(*arguments: object) -> int:
        def told(rows: int) -> None:
            ticket = store.find(nth(6).number)
            assert ticket is not None
            stranger.save(done(DEADLINES, ticket, Act.URGE))
        return whole(database, load_cipher(key_file), TABLES, told)

    monkeypatch.setattr(cli.secret_keys, "renew_rows", disturbed)
    with pytest.raises(OldKeyInUse):
        renew(settings)
    assert key_count(key_file) == 2
    readable(database, key_file)


def test_two_runs_do_not_get_in_each_others_way(store: SqlTickets, settings: Settings, key_file: Path) -> None:
    fill(store)
    before = key_file.read_bytes()
    with renewing(key_file), pytest.raises(RenewalRuns):
        renew(settings)
    assert key_file.read_bytes() == before


def test_a_row_that_no_key_reads_stops_the_run_and_no_key_goes(store: SqlTickets, database: Database, settings: Settings, key_file: Path,
                                                               tmp_path: Path) -> None:
    fill(store, 3)
    SqlTickets(database, load_cipher(tmp_path / "other.keys")).add(opened(DEADLINES, nth(9)))
    with pytest.raises(KeysFaulty, match="no key reads"):
        renew(settings)
    assert key_count(key_file) == 2
    readable_numbers = [ticket and ticket.name for ticket in map(SqlTickets(database, load_cipher(key_file)).find, (nth(n).number for n in range(3)))]
    assert readable_numbers == ["王0", "王1", "王2"]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOTLINE_KEYS_FILE", str(tmp_path / "keys" / "personal.keys"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hotline.db'}")
    for console in (main.console, main.errors):
        monkeypatch.setattr(console, "_width", 240)

    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(main.app, ["admin", "renew-keys", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output
    return run


def test_the_command_says_what_it_did(command: Callable[..., tuple[int, str]], tmp_path: Path, key_file: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'hotline.db'}", load_cipher(key_file))
    code, said = command("--keep-old")
    assert (code, "换了新密钥，重新加密0项，旧密钥留着" in said) == (0, True), said
    code, said = command()
    assert (code, "接着完成上次的更换，重新加密0项，删除旧密钥1个。" in said) == (0, True), said


def test_the_command_says_why_it_cannot(command: Callable[..., tuple[int, str]], key_file: Path) -> None:
    load_cipher(key_file)
    with renewing(key_file):
        code, said = command()
        assert (code, "另一个更换密钥的命令正在运行" in said) == (1, True), said
    key_file.write_text("broken")
    code, said = command()
    assert (code, "密钥文件用不了" in said, key_file.read_text()) == (1, True, "broken"), said
