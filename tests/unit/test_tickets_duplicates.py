from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.clock import SHANGHAI
from tickets.duplicates import COMPARED, MERGEABLE, MOST, similar, similar_to
from tickets.model import Elements, Ticket, TicketType, Urgency
from tickets.vocabulary import Status

AT = datetime(2026, 11, 5, 10, 0, tzinfo=SHANGHAI)
KNOWN = Ticket("2026110500000001", TicketType.HELP, "阳光花园3号楼停水两天了", "停水", "停水与水压", "水务局", Urgency.URGENT, "web", AT, AT, "a" * 64,
               region="370102", elements=Elements(where="历下区阳光花园3号楼"), status=Status.RECEIVED)


@pytest.mark.parametrize("where", ["阳光花园3号楼", "历下区阳光花园", "阳光花园小区3号楼"])
def test_the_same_place_is_similar_in_whatever_words(where: str) -> None:
    found = similar("从前天到现在一滴水也没有，饭都做不了", where, [KNOWN])
    assert [one.ticket for one in found] == [KNOWN]
    assert found[0].reasons == ("同一地点：历下区阳光花园3号楼",)
    assert found[0].score >= 0.6


@pytest.mark.parametrize("where", ["阳光花园5号楼", "泉城路18号", "历下区", "小区门口", "楼下", None])
def test_another_place_or_none_to_speak_of_is_not(where: str | None) -> None:
    assert similar("从前天到现在一滴水也没有，饭都做不了", where, [KNOWN]) == ()


def test_nearly_the_same_text_is_similar_wherever_it_is_said_to_be() -> None:
    (found,) = similar("阳光花园3号楼停水2天了！", None, [KNOWN])
    assert found.score > 0.75 and found.reasons[0].startswith("内容有")


@pytest.mark.parametrize("status", list(Status))
def test_only_what_is_still_worked_on_can_lead(status: Status) -> None:
    assert bool(similar(KNOWN.text, None, [replace(KNOWN, status=status)])) is (status in MERGEABLE)


def test_a_ticket_is_not_similar_to_itself_and_the_oldest_of_equals_leads() -> None:
    others = [replace(KNOWN, number=f"202611050000000{place}", opened_at=AT - timedelta(days=place)) for place in range(2, 9)]
    found = similar_to(KNOWN, [KNOWN, *others])
    assert [one.ticket.number[-1] for one in found] == ["8", "7", "6", "5", "4"]
    assert len(found) == MOST


def test_only_the_beginning_of_long_texts_is_compared() -> None:
    start = "水管漏" * COMPARED
    assert similar(start + "甲" * 2000, None, [replace(KNOWN, text=start + "乙" * 2000)])[0].score == 1.0
