"""The nine faults that hotlines of this kind are known for, each against the real processes.

Other tests that guard against the same faults:
1  tests/web/test_chat_page.py (the page without a network), tests/integration/test_gateway_stream.py
2  tests/integration/test_gateway_people.py
3  tests/integration/test_gateway_people.py, test_conversation.py
5  tests/unit/test_tickets_deadlines.py (every holiday), tests/unit/test_calendar.py
7  tests/unit/test_matching_matcher.py
8  test_lookup.py (the proof in a chat, and guessing it), tests/integration/test_gateway_tickets.py
9  test_rating.py (asked once in a conversation), tests/integration/test_worker_kill.py
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Callable, Iterator

import httpx
import pytest

from core.cipher import load_cipher
from core.clock import SHANGHAI, system_clock
from core.db import migrate
from core.settings import ROOT, Settings
from knowledge.bootstrap import load_catalogue
from tests.support.desk_stream import DeskStream
from tests.support.office import LAMP, request, service_of, settings_of
from tests.support.redis_server import running_redis
from tests.support.running_product import Chat, Product
from tests.support.sms_server import SmsServer, sms_server
from tickets.doing import Actor, Details
from tickets.service import TicketService
from tickets.vocabulary import Act, Card, Result, Role

pytestmark = pytest.mark.stack
ALIASES = 80  # of some twenty thousand; with the titles no more than one address may ask in a minute
PATIENCE = 90.0  # seconds; only what never comes at all is a fault


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def key(product: Product) -> str:
    made = product.hotline("admin", "key", "--role", "operator", "--label", "坐席")
    assert made.returncode == 0, made.stderr
    return next(word for word in made.stdout.split() if word.startswith("hk_"))


@pytest.fixture(scope="module")
def desk(product: Product) -> httpx.Client:
    return product.http(**{"X-API-Key": key(product)})


@pytest.fixture(scope="module")
def colleague(product: Product) -> httpx.Client:
    return product.http(**{"X-API-Key": key(product)})


def act(desk: httpx.Client, chat: Chat, what: str) -> httpx.Response:
    return desk.post(f"/v1/operator/conversations/{chat.id}/{what}", json={})


def read(chat: Chat, after: int = 0) -> dict[str, Any]:
    answer = chat.http.get(f"/v1/chat/sessions/{chat.id}/messages", params={"after": after})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def waiting(desk: httpx.Client) -> list[str]:
    return [entry["id"] for entry in desk.get("/v1/operator/queue").json()["waiting"]]


def test_1_a_message_sent_while_the_line_was_gone_is_kept_once_and_the_state_comes_back(product: Product, chat: Chat) -> None:
    chat.say("小区门口路灯坏了一个月没人修")
    seen = read(chat)["last_seq"]
    message = {"text": "历下区解放路12号", "client_message_id": uuid.uuid4().hex}
    with pytest.raises(httpx.TimeoutException):  # it left, and the line was gone before the answer
        chat.http.post(f"/v1/chat/sessions/{chat.id}/messages", json=message, timeout=httpx.Timeout(10.0, read=0.001))
    again = [chat.http.post(f"/v1/chat/sessions/{chat.id}/messages", json=message).json() for _ in range(2)]
    assert again[0]["messages"] == again[1]["messages"]
    missed = read(chat, seen)
    assert [said["text"] for said in missed["messages"] if said["author"] == "caller"] == ["历下区解放路12号"]
    assert [said["seq"] for said in missed["messages"]] == list(range(seen + 1, missed["last_seq"] + 1))
    assert (missed["owner"], missed["outcome"]) == ("bot", "ticket_form")
    assert chat.tell("13812345678", "对，提交")["outcome"] == "ticket_opened"  # the form went on where it stood


def test_2_the_bot_is_silent_while_a_person_has_the_conversation_and_only_one_person_has_it(chat: Chat, desk: httpx.Client, colleague: httpx.Client) -> None:
    chat.say("转人工")
    with ThreadPoolExecutor(2) as pool:
        claims = sorted(pool.map(lambda who: act(who, chat, "claim").status_code, (desk, colleague)))
    assert claims == [200, 409]
    turn = chat.say("身份证丢了补一个要多少钱")
    assert (turn["owner"], turn["said"]) == ("operator", "")
    assert {said["author"] for said in read(chat)["messages"][-1:]} == {"caller"}


def test_2_a_claim_in_the_middle_of_the_bots_turn_leaves_one_voice(product: Product, desk: httpx.Client) -> None:
    for pause in (0.0, 0.03, 0.1):
        chat = product.chat()
        with ThreadPoolExecutor(1) as pool:
            turn = pool.submit(chat.say, "身份证丢了补一个要多少钱")
            time.sleep(pause)
            assert act(desk, chat, "claim").status_code == 200
            turn.result()
        said = read(chat)["messages"]
        joined = next(place for place, one in enumerate(said) if one["author"] == "system")
        assert [one["text"] for one in said[joined:] if one["author"] == "bot"] == []
        assert chat.say("还在吗")["said"] == ""


def test_3_a_wish_for_a_person_as_the_very_first_message_reaches_the_people_at_once(product: Product) -> None:
    with DeskStream(product.base, key(product)) as stream:
        stream.send({"type": "ready", "skills": [], "region": None})
        chat = product.chat()
        turn = chat.say("转人工")
        assert (turn["outcome"], turn["owner"]) == ("handoff", "queue")
        frame = stream.until(lambda frame: frame["type"] == "queue" and chat.id in [entry["id"] for entry in frame["waiting"]], PATIENCE)
        told = next(entry for entry in frame["waiting"] if entry["id"] == chat.id)
        assert (told["reason"], told["last_text"]) == ("asked", "转人工")


def test_4_a_conversation_given_back_to_the_bot_is_not_silent(chat: Chat, desk: httpx.Client) -> None:
    chat.tell("身份证丢了怎么补", "转人工")
    assert act(desk, chat, "claim").status_code == 200
    seen = read(chat)["last_seq"]
    assert act(desk, chat, "return").status_code == 200
    assert [said["author"] for said in read(chat, seen)["messages"]] == ["bot"]  # it speaks up by itself
    turn = chat.say("那要多少钱")
    assert (turn["owner"], turn["item"], turn["facet"]) == ("bot", "id-card-reissue", "fee")  # and still knows what it was about


@pytest.mark.parametrize(("opened", "due"), [
    ("2026-09-30 09:00", date(2026, 10, 13)), ("2026-09-18 09:00", date(2026, 9, 24)), ("2026-02-13 09:00", date(2026, 2, 27)),
], ids=["国庆 and the make-up Saturday after it", "the make-up Sunday is a working day", "春节 and the make-up Saturday"])
def test_5_a_deadline_counts_holidays_and_make_up_days(product: Product, opened: str, due: date) -> None:
    service = service_of(Settings(data_dir=product.data))
    at = datetime.fromisoformat(opened).replace(tzinfo=SHANGHAI)
    number = service.open(replace(LAMP, request_id=uuid.uuid4().hex), at).ticket.number
    told = product.http().get(f"/v1/tickets/{number}", params={"phone_last4": "5678"})
    assert told.status_code == 200, told.text
    assert told.json()["due_on"] == due.isoformat()


@pytest.fixture
def office(tmp_path: Path) -> Iterator["Office"]:
    """Tickets of their own, whose workers start when all is laid out."""
    with ExitStack() as stack:
        redis, sms = stack.enter_context(running_redis()), stack.enter_context(sms_server(SmsServer()))
        office = Office(settings_of(tmp_path, f"sqlite:///{tmp_path / 'hotline.db'}", redis_url=redis), sms)
        stack.callback(office.stop)
        yield office


class Office:
    """A data folder with tickets, its text messages, and real workers on it."""

    def __init__(self, settings: Settings, sms: SmsServer) -> None:
        migrate(settings.database, load_cipher(settings.personal_keys))
        self.service: TicketService = service_of(settings)
        self.sms = sms
        self._environment = {
            **os.environ, "HOTLINE_DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database, "REDIS_URL": settings.redis_url,
            "HOTLINE_WORKER_PAUSE": "0.05", "HOTLINE_NOTICES": "sms", "HOTLINE_SMS_URL": sms.url, "HOTLINE_PUBLIC_URL": "https://hotline.example.cn"}
        self._log = settings.data_dir / "worker.log"
        self._workers: "list[subprocess.Popen[bytes]]" = []

    def work(self, workers: int) -> None:
        for _ in range(workers):
            with self._log.open("ab") as log:
                self._workers.append(subprocess.Popen([sys.executable, "-c", "from cli.working import run; run()"], cwd=ROOT, env=self._environment,
                                                      stdout=log, stderr=log))

    def stop(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.wait(60)

    def cards(self, number: str) -> list[Card | None]:
        return [entry.details.card for entry in self.service.trail(number) if entry.act is Act.WARN]


def test_6_a_merged_ticket_earns_no_card_of_its_own(office: Office) -> None:
    long_ago = system_clock() - timedelta(days=60)
    lead, merged, alone = (office.service.open(request(n), long_ago).ticket.number for n in range(3))
    office.service.act(merged, Act.MERGE, by=Role.OPERATOR, at=long_ago, note="同一盏灯", details=Details(lead=lead))
    office.work(1)
    until(lambda: office.cards(lead) == office.cards(alone) == [Card.RED], "no worker gave the red cards")
    assert office.service.repository.awake(system_clock(), 1) == []  # nothing is left to be looked at
    assert office.cards(merged) == []


def test_7_every_exact_title_and_a_draw_of_aliases_bring_their_item_up(product: Product) -> None:
    items = sorted(load_catalogue()[0].items(), key=lambda item: item.code)
    aliases = [(alias, item.code) for item in items for alias in item.aliases]
    names = [*((item.name, item.code) for item in items), *random.Random(12345).sample(aliases, ALIASES)]
    http = product.http()
    assert [(name, code) for name, code in names if code not in brought_up(http, name)] == []


def brought_up(http: httpx.Client, name: str) -> list[str]:
    """Return the codes that one would be told of: the answer's, or those of the question back."""
    while True:
        answer = http.post("/v1/knowledge/match", json={"text": name, "limit": 5})
        if answer.status_code != 429:
            break
        time.sleep(2)  # other tests have asked from this address, too
    told = answer.json()
    found = [candidate["code"] for candidate in told["candidates"]]
    return found[:1] if told["decision"] == "answer" else found if told["decision"] == "clarify" else []


@pytest.mark.parametrize("name", ["title", "alias"])
def test_7_a_title_or_alias_said_to_the_bot_is_answered(product: Product, name: str) -> None:
    item = load_catalogue()[0].by_code["id-card-reissue"]
    turn = product.chat().say(item.name if name == "title" else item.aliases[0])
    assert (turn["outcome"], turn["item"]) == ("answered", "id-card-reissue")


def test_8_a_ticket_number_alone_shows_nothing(product: Product, chat: Chat) -> None:
    number = product.chat().tell("历下区解放路12号门口的路灯坏了一个月了没人修，我手机13812345678", "对，提交")["ticket"]["number"]
    assert product.http().get(f"/v1/tickets/{number}").status_code == 422
    assert product.http().get(f"/v1/tickets/{number}", params={"phone_last4": "0000"}).status_code == 404
    turn = chat.tell("查一下工单办到哪一步了", number)
    assert "后四位" in turn["said"]
    assert turn.get("ticket") is None
    for word in ("正在办理", "路灯", "城市管理局", "解放路"):
        assert word not in turn["said"]


def test_9_the_link_to_rate_is_sent_once_by_two_workers_that_are_started_twice(office: Office) -> None:
    at, closed = system_clock(), []
    for n in range(12):
        ticket = office.service.open(request(n, phone=f"138000090{n:02}"), at).ticket
        handler = Actor(Role.DEPARTMENT, "", ticket.department, ticket.office_region)
        office.service.act(ticket.number, Act.RECEIVE, by=handler, at=at)
        office.service.act(ticket.number, Act.REPLY, by=handler, at=at, note="已经修好", details=Details(result=Result.SOLVED))
        office.service.act(ticket.number, Act.APPROVE, by=Role.OPERATOR, at=at)
        closed.append(ticket.number)

    def sent() -> Counter[str]:
        return Counter(number for _, body in list(office.sms.posts) for number in closed if number in json.dumps(body) and "/rate" in json.dumps(body))

    office.work(2)
    until(lambda: set(sent()) == set(closed), "not everybody was asked")
    office.stop()
    office.work(2)
    extra = office.service.open(request(99, phone="13800009199"), system_clock()).ticket.number
    until(lambda: any(extra in json.dumps(body) for _, body in list(office.sms.posts)), "the workers did not come back")
    assert sent() == Counter({number: 1 for number in closed})
