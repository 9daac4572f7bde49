"""Fifty clients in five processes act on the same hundred tickets and open new ones at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from core.cipher import load_cipher
from core.db import Database
from tests.support.ticket_store import as_opened, deadlines, nth, opened
from tickets.model import TRANSITIONS, Act, Role, Ticket, replay
from tickets.store.sql import SqlTickets
from tickets.store.tables import outbox, tickets

pytest_plugins = ("tests.support.ticket_store",)

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS, TICKETS = 5, 10, 100
NUMBERS = [nth(n).number for n in range(TICKETS)]

# What one process of clients does; it prints what succeeded: the acts, and under which number each request was opened.
_CLIENTS = """
import json, random, sys, time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
import structlog
from sqlalchemy.exc import OperationalError
from core.settings import Settings
from tests.support.ticket_store import AT
from tickets.bootstrap import build
from tickets.errors import TicketBusy, TransitionRefused
from tickets.model import Act, Actor, Details, NewTicket, Result, Role, TicketType
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
url, keys, process, threads, *numbers = sys.argv[1:]
# So few numbers to draw from that many are taken.
service = replace(build(Settings(database_url=url, keys_file=Path(keys)), None, lambda text: ()), below=lambda most: random.randrange(300))
service.classify("路灯坏了")
office = Actor(Role.DEPARTMENT, "", "生态环境局", "370102")
ACTS = [
    (Act.URGE, Actor(Role.CALLER), "", Details()), (Act.URGE, Actor(Role.OPERATOR), "", Details()), (Act.SUPPLEMENT, Actor(Role.CALLER), "又来了", Details()),
    (Act.RECEIVE, office, "", Details()), (Act.HANDLE, office, "去看了", Details()), (Act.ASK_EXTENSION, office, "人手少", Details(days=2)),
    (Act.GRANT_EXTENSION, Actor(Role.OPERATOR), "", Details()), (Act.ASK_RETURN, office, "不归我管", Details()),
    (Act.DENY_RETURN, Actor(Role.SUPERVISOR), "归你管", Details()), (Act.ASK_CALLER, office, "在哪里", Details()), (Act.RESUME, office, "", Details()),
    (Act.REPLY, office, "已查处", Details(result=Result.SOLVED)), (Act.APPROVE, Actor(Role.OPERATOR), "", Details()),
    (Act.WITHDRAW, Actor(Role.CALLER), "不用了", Details()),
]
WEIGHTS = [8, 8, 4, 4, 2, 2, 2, 1, 2, 1, 2, 1, 1, .2]
acts, requests, faults = [], [], []

def client(name):
    chance = random.Random(name)
    at = AT + timedelta(hours=1)
    def attempt(do):
        try:
            return do()
        except (TicketBusy, TransitionRefused):
            return None
        except OperationalError as error:
            if "database is locked" not in str(error):
                raise
    for request in (f"own-{name}", f"shared-{name % 20}"):
        new = NewTicket(TicketType.HELP, f"路灯坏了{request}", "web", request, phone="13900001111")
        made = attempt(lambda: service.open(new, AT))
        if made:
            requests.append((request, made.ticket.number, made.created))
    for _ in range(12):
        # Some tickets are asked for by everybody.
        number = chance.choice(numbers[:3] if chance.random() < .3 else numbers)
        act, by, note, details = chance.choices(ACTS, WEIGHTS)[0]
        if attempt(lambda: service.act(number, act, by=by, at=at, note=note, details=details)):
            acts.append((number, act.value))

def whole(name):
    try:
        client(name)
    except BaseException as error:
        faults.append(repr(error))

print("ready", flush=True)
while not Path(keys).with_name("go").exists():
    time.sleep(.01)
crowd = [Thread(target=whole, args=(int(process) * int(threads) + n,)) for n in range(int(threads))]
for one in crowd: one.start()
for one in crowd: one.join()
print(json.dumps([acts, requests, faults]))
"""


def crowd(url: str, key_file: Path) -> tuple[Counter[tuple[str, str]], list[tuple[str, str, bool]]]:
    """Let all clients loose at once; return how often which act succeeded on which ticket, and (request, number, made now) of what was opened."""
    command = [sys.executable, "-c", _CLIENTS, url, str(key_file)]
    processes = [subprocess.Popen([*command, str(n), str(THREADS), *NUMBERS], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) for n in range(PROCESSES)]
    try:
        for process in processes:
            assert process.stdout is not None and process.stderr is not None
            assert process.stdout.readline() == "ready\n", process.stderr.read()[-2000:]
    finally:
        key_file.with_name("go").touch()
    acts: Counter[tuple[str, str]] = Counter()
    requests = []
    for process in processes:
        out, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors[-2000:]
        done, made, faults = json.loads(out)
        assert faults == []
        acts.update((number, act) for number, act in done)
        requests += [(request, number, created) for request, number, created in made]
    return acts, requests


def test_nothing_is_lost_doubled_or_done_against_the_table(store: SqlTickets, database: Database, url: str, key_file: Path) -> None:
    for n in range(TICKETS):
        store.add(opened(deadlines(), nth(n)))
    acts, requests = crowd(url, key_file)
    store = SqlTickets(database, load_cipher(key_file))
    with database.read() as connection:
        stored = connection.execute(select(tickets.c.number)).scalars().all()
        told = connection.execute(select(outbox.c.number, outbox.c.id).where(outbox.c.kind == "event")).all()

    # No double number, and each request opened one ticket, once.
    made = [number for _, number, created in requests if created]
    assert sorted(stored) == sorted([*NUMBERS, *made])
    assert len(set(stored)) == len(stored)
    assert len({(request, number) for request, number, _ in requests}) == len({request for request, _, _ in requests}) == len(made)

    assert sum(acts.values()) > PROCESSES * THREADS, "there was a crowd"
    found = {number: store.find(number) for number in stored}
    trails = {number: list(store.trail(number)) for number in stored}
    for number, ticket in found.items():
        assert isinstance(ticket, Ticket)
        trail = trails[number]
        # No lost update: what the clients were told is what the trail holds, without a gap, and the ticket is what the trail makes of it.
        assert [entry.version for entry in trail] == list(range(1, ticket.version + 1))
        assert Counter(entry.act.value for entry in trail if entry.role is not Role.SYSTEM) == Counter(
            {act: count for (at, act), count in acts.items() if at == number})
        assert ticket.urged == acts[number, Act.URGE.value]
        assert replay(as_opened(ticket, trail), trail) == ticket
        # No act outside the table: each began where the one before had led.
        for before, entry in zip([None, *trail], trail):
            rule = TRANSITIONS[entry.source, entry.act]
            assert entry.role in rule.roles
            assert entry.target is (rule.target or entry.source)
            assert before is None or entry.source is before.target
    assert Counter(row.number for row in told) == {number: len(trail) + 1 for number, trail in trails.items()}
