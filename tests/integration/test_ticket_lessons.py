import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from api.ports import Parts
from cli.main import app as hotline
from core.db import connect, migrate
from tests.support.gateway_fixtures import key_headers
from tests.support.office import AT, request, service_of, settings_of
from tickets.doing import Actor, Details
from tickets.errors import TicketBusy
from tickets.lessons import LessonState, set_right
from tickets.service import TicketService
from tickets.store.lessons import SqlLessons
from tickets.teaching import Teaching
from tickets.vocabulary import Act, Role

pytest_plugins = ("tests.support.ticket_store", "tests.support.gateway_fixtures")
TEXT = "俺楼前那个大铁盒子整天嗡嗡叫，脑袋都要炸了"
CENTRE, OFFICE = Actor(Role.OPERATOR, "小李"), Actor(Role.DEPARTMENT, "小张", "公安局", "370102")
RIGHT = Details(department="供电公司", region="370102", category="电力设施")


@pytest.fixture
def service(url: str, key_file: Path, tmp_path: Path) -> TicketService:
    migrate(url)
    return service_of(settings_of(tmp_path, url))


@pytest.fixture
def lessons(url: str, service: TicketService) -> SqlLessons:
    return SqlLessons(connect(url))


def sent(service: TicketService, n: int = 1) -> str:
    return service.open(request(n, text=TEXT, category="社会生活噪声"), AT).ticket.number


def test_a_granted_return_that_ends_elsewhere_is_proposed_and_accepted_in_every_process(service: TicketService, lessons: SqlLessons, url: str,
                                                                                       tmp_path: Path) -> None:
    number = sent(service)
    service.act(number, Act.ASK_RETURN, by=OFFICE, at=AT, note="不归我们管")
    service.act(number, Act.GRANT_RETURN, by=CENTRE, at=AT)
    assert lessons.listed(None, 10) == []
    service.act(number, Act.DISPATCH, by=CENTRE, at=AT, details=RIGHT)
    (lesson,) = lessons.listed(LessonState.PROPOSED, 10)
    assert (lesson.number, lesson.wrong_department, lesson.category, lesson.region) == (number, "公安局", "电力设施", None)

    other = service_of(settings_of(tmp_path, url))
    teaching = Teaching(SqlLessons(connect(url)), other.router)
    assert other.classify(TEXT).category != "电力设施" and not teaching.refresh()
    assert lessons.decide(set_right(lesson, service.router), LessonState.ACCEPTED, author="老赵", at=AT + timedelta(days=1))
    assert teaching.refresh() and other.classify(TEXT).category == "电力设施"
    assert service_of(settings_of(tmp_path, url)).classify(TEXT).category == "电力设施"  # a process that starts later

    (accepted,) = lessons.accepted()
    assert (accepted.author, accepted.decided_at) == ("老赵", AT + timedelta(days=1))
    assert not lessons.decide(lesson, LessonState.DROPPED, author="老钱", at=AT)  # decided by somebody else meanwhile
    assert lessons.decide(accepted, LessonState.DROPPED, author="老赵", at=AT + timedelta(days=2))
    assert teaching.refresh() and other.classify(TEXT).category != "电力设施"


def test_an_office_of_one_city_wins_for_the_next_request_there(service: TicketService, lessons: SqlLessons) -> None:
    number = service.open(request(1), AT).ticket.number
    service.act(number, Act.TRANSFER, by=CENTRE, at=AT, note="本市路灯归住建", details=Details(department="文化和旅游局", region="370102"))
    (lesson,) = lessons.listed(None, 10)
    assert (lesson.category, lesson.region) == ("路灯不亮", "370102")
    lessons.decide(set_right(lesson, service.router, region="370100"), LessonState.ACCEPTED, author="老赵", at=AT)
    assert Teaching(lessons, service.router).refresh()
    here, there = (service.open(request(n, region=region), AT).ticket for n, region in ((2, "370103"), (3, "370202")))
    assert (here.department, here.office_region) == ("文化和旅游局", "370103")
    assert (there.department, there.office_region) == ("城市管理局", "370202")


def test_a_refused_or_lost_act_teaches_nothing(service: TicketService, lessons: SqlLessons, monkeypatch: pytest.MonkeyPatch) -> None:
    number = sent(service)
    stale = service.repository.find(number)
    service.act(number, Act.URGE, by=Actor(Role.CALLER), at=AT)
    with monkeypatch.context() as patched:
        patched.setattr(service.repository, "find", lambda number: stale)
        with pytest.raises(TicketBusy):
            service.act(number, Act.TRANSFER, by=CENTRE, at=AT, note="不对", details=RIGHT)
    assert lessons.listed(None, 10) == []


def test_a_serving_process_hears_of_it_by_itself(service: TicketService, lessons: SqlLessons) -> None:
    service.act(sent(service), Act.TRANSFER, by=CENTRE, at=AT, note="不对", details=RIGHT)
    Teaching(lessons, service.router).watch(every=0.05)
    (lesson,) = lessons.listed(None, 10)
    lessons.decide(lesson, LessonState.ACCEPTED, author="老赵", at=AT)
    for _ in range(600):  # a minute, however busy the machine is
        if service.classify(TEXT).category == "电力设施":
            break
        time.sleep(0.1)
    assert service.classify(TEXT).category == "电力设施"


def test_open_tickets_about_the_same_are_found_for_thirty_days(service: TicketService) -> None:
    first = service.open(request(1, address="解放路阳光花园南门"), AT).ticket
    second = service.open(request(2, address="阳光花园南门", text="晚上黑得看不见，灯杆一个都不亮"), AT + timedelta(days=1)).ticket
    elsewhere = service.open(request(3, address="阳光花园南门", region="370103"), AT).ticket
    assert second.category == first.category == elsewhere.category
    assert [one.ticket.number for one in service.similar_to(second.number, AT + timedelta(days=2))] == [first.number]
    assert service.similar_to(second.number, AT + timedelta(days=32)) == ()
    service.act(first.number, Act.WITHDRAW, by=Actor(Role.CALLER), at=AT)
    assert service.similar_to(second.number, AT + timedelta(days=2)) == ()


def test_a_supervisor_accepts_and_drops_at_the_terminal(service: TicketService, lessons: SqlLessons, url: str, tmp_path: Path) -> None:
    service.act(sent(service), Act.TRANSFER, by=CENTRE, at=AT, note="不对", details=RIGHT)
    (lesson,) = lessons.listed(None, 10)

    def run(*words: str) -> Any:
        return CliRunner(mix_stderr=True).invoke(hotline, ["lessons", *words], env={"DATABASE_URL": url, "HOTLINE_DATA_DIR": str(tmp_path),
                                                                                    "COLUMNS": "200"})

    assert "电力设施" in run("list").output
    assert run("accept", "999").exit_code == 1
    assert run("accept", str(lesson.id), "--category", "没有的类别").exit_code == 1 and lessons.accepted() == []
    done = run("accept", str(lesson.id), "--phrase", "大铁盒子整天嗡嗡叫")
    assert done.exit_code == 0, done.output
    assert [one.phrase for one in lessons.accepted()] == ["大铁盒子整天嗡嗡叫"]
    assert run("drop", str(lesson.id)).exit_code == 0 and lessons.accepted() == []
    assert [one.state for one in lessons.listed(None, 10)] == [LessonState.DROPPED]


LAMP = {"type": "求助", "text": "小区门口路灯坏了一个月没人修", "region": "370102", "address": "解放路阳光花园南门", "phone": "13800001234"}
ASKED = {"text": "路灯坏了好几天，晚上走路看不见", "region": "370102", "address": "阳光花园南门"}


async def test_a_citizen_learns_that_it_is_known_and_staff_which_ticket_and_where_to(client: httpx.AsyncClient, parts: Parts, app: FastAPI) -> None:
    number = (await client.post("/v1/tickets", json=LAMP)).json()["number"]
    plain = (await client.post("/v1/tickets/classify", json=ASKED)).json()
    assert [set(one) for one in plain["similar"]] == [{"score", "category", "opened_on", "status", "status_text"}]
    assert "suggestions" not in plain
    staff = (await client.post("/v1/tickets/classify", json=ASKED, headers=key_headers(parts, "supervisor"))).json()
    assert [one["number"] for one in staff["similar"]] == [number]
    best = staff["suggestions"][0]
    assert (best["category"], best["department"], best["region"]) == ("路灯不亮", "城市管理局", "370102")
    assert best["reasons"] and 3 <= len(staff["suggestions"]) <= 5
    assert (await client.post("/v1/tickets/classify", json=ASKED, headers={"X-API-Key": "hk_wrong"})).status_code == 401


async def test_a_report_warns_nobody(client: httpx.AsyncClient) -> None:
    await client.post("/v1/tickets", json={**LAMP, "type": "举报"})
    assert (await client.post("/v1/tickets/classify", json=ASKED)).json()["similar"] == []
