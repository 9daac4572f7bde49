"""Ratings of conversations: once each, nothing personal kept, and who gives a bad one is rung up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.ticket_life import NOW, ticket, ticket_service
from tickets.conversation_ratings import AlreadyRated, ConversationRating, ConversationRatings, call_back, digest_session, rating_of
from tickets.service import TicketService
from tickets.vocabulary import Grade, Queue, TicketType

SESSION, PHONE = "w" + "0" * 32, "13812345678"
BAD = [grade for grade in Grade if grade.bad]


class FakeStore:
    """Keeps ratings in a dictionary; can be told that somebody else was faster."""

    def __init__(self) -> None:
        self.kept: dict[str, ConversationRating] = {}
        self.overtaken: ConversationRating | None = None

    def find(self, session_digest: str) -> ConversationRating | None:
        return self.kept.get(session_digest)

    def add(self, rating: ConversationRating) -> bool:
        if self.overtaken:
            self.kept[rating.session_digest] = self.overtaken
        return self.kept.setdefault(rating.session_digest, rating) is rating


def given(grade: Grade = Grade.BAD, **changes: Any) -> ConversationRating:
    return rating_of(SESSION, "ivr", grade, NOW, **{"reason": "等了很久", "region": "370102", **changes})


def ratings(service: TicketService, store: FakeStore) -> ConversationRatings:
    return ConversationRatings(store, service.open, service.repository.find)


@pytest.fixture
def service() -> TicketService:
    return ticket_service()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


def opened(service: TicketService) -> list[Any]:
    return [one for one in service.recent() if one.queue is Queue.RATING]


def test_nothing_that_names_a_person_is_kept() -> None:
    rating = given(reason="\x00打我电话13812345678没人接" + "啊" * 300)
    assert (rating.session_digest, SESSION in str(vars(rating))) == (digest_session(SESSION), False)
    assert rating.reason.startswith("打我电话138********没人接") and len(rating.reason) == 200


@pytest.mark.parametrize(("about", "number"), [("2026110500000001", "2026110500000001"), ("id-card-reissue", None), (None, None)])
def test_it_is_told_whether_a_ticket_was_talked_about(about: str | None, number: str | None) -> None:
    assert given(about=about).ticket == number


@pytest.mark.parametrize("grade", Grade)
def test_only_a_bad_grade_has_its_caller_rung_up(grade: Grade) -> None:
    assert (call_back(given(grade), PHONE) is not None) == (grade in BAD)


def test_the_call_back_tells_what_was_said_and_of_which_ticket() -> None:
    new = call_back(given(), PHONE, ticket(region="370112"))
    assert new and (new.type, new.queue, new.phone, new.region) == (TicketType.HELP, Queue.RATING, PHONE, "370102")
    assert (new.lead_of, new.matter) == ("2026110500000001", {"rated": "2026110500000001"})
    assert new.text == "一次来电被评价为不满意，原因：等了很久。请回访并核实整改情况。"


def test_without_a_phone_of_his_own_the_one_of_his_ticket_is_used_or_none() -> None:
    assert [getattr(call_back(given(), None, about), "phone", None) for about in (None, ticket(), ticket(phone=None))] == [None, PHONE, None]


def test_a_hidden_caller_stays_hidden_and_his_words_out_of_it() -> None:
    new = call_back(given(), PHONE, ticket(type=TicketType.REPORT))
    assert new and new.confidential and "等了很久" not in new.text


def test_who_wanted_to_stay_anonymous_is_not_rung_up_on_the_line_he_called_from() -> None:
    assert call_back(given(), PHONE, ticket(anonymous=True, phone=None)) is None


def test_a_bad_grade_is_followed_up_on_the_next_working_day(service: TicketService, store: FakeStore) -> None:
    assert ratings(service, store).rate(given(), PHONE) is True
    (follow_up,) = opened(service)
    assert (follow_up.due_on, follow_up.department) == ((NOW + timedelta(days=1)).date(), "区县12345热线受理中心")
    assert store.kept[digest_session(SESSION)].grade is Grade.BAD


@pytest.mark.parametrize(("grade", "phone"), [(Grade.FAIR, PHONE), (Grade.VERY_BAD, None)], ids=["a good grade", "no phone"])
def test_otherwise_it_is_kept_and_no_more(service: TicketService, store: FakeStore, grade: Grade, phone: str | None) -> None:
    assert ratings(service, store).rate(given(grade), phone) is False
    assert (opened(service), len(store.kept)) == ([], 1)


def test_a_ticket_that_is_not_there_any_more_keeps_nobody_from_rating(service: TicketService, store: FakeStore) -> None:
    assert ratings(service, store).rate(given(about="2026110500000009"), PHONE)
    assert opened(service)[0].parent is None


@pytest.mark.parametrize("second", Grade)
def test_a_second_rating_is_refused_and_changes_nothing(service: TicketService, store: FakeStore, second: Grade) -> None:
    rate = ratings(service, store)
    rate.rate(given(Grade.GOOD), PHONE)
    assert (rate.rated(SESSION), rate.rated("another")) == (True, False)
    with pytest.raises(AlreadyRated):
        rate.rate(given(second), PHONE)
    assert (store.kept[digest_session(SESSION)].grade, opened(service)) == (Grade.GOOD, [])


def test_of_two_at_once_the_later_one_is_refused(service: TicketService, store: FakeStore) -> None:
    store.overtaken = given(Grade.GOOD)
    with pytest.raises(AlreadyRated):
        ratings(service, store).rate(given(Grade.FAIR), PHONE)
    assert store.kept[digest_session(SESSION)].grade is Grade.GOOD


@pytest.mark.parametrize("again", [given(), given(Grade.VERY_BAD, reason="还是没人管")], ids=["the same", "in other words"])
def test_who_was_cut_short_after_the_call_back_was_opened_rates_with_one_call_back(service: TicketService, store: FakeStore,
                                                                                  again: ConversationRating) -> None:
    first = call_back(given(), PHONE)
    assert first
    service.open(first, NOW)
    assert ratings(service, store).rate(again, PHONE)
    assert (len(opened(service)), store.kept[digest_session(SESSION)]) == (1, again)


def test_the_same_rating_gives_the_same_request() -> None:
    assert call_back(given(), PHONE) == call_back(replace(given(), at=NOW + timedelta(days=2)), PHONE)
