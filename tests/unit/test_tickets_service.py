from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisDown

from core.calendar import published_calendar
from core.clock import SHANGHAI
from tests.support.fake_tickets import FakeTickets
from tickets.acting import TRIES
from tickets.doing import Actor, Details
from tickets.errors import InvalidTicket, RequestReused, TicketBusy, TicketNotFound, TooManyAttempts, TooManyGuesses
from tickets.load import load_catalogue, load_policy
from tickets.model import Act, ActRefused, Grade, NewTicket, Result, Role, Status, TicketType, Urgency
from tickets.routing import Router
from tickets.service import TicketService
from tickets.store.attempts import MemoryAttempts, RedisAttempts

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
POLICY = load_policy()
ROUTER = Router(load_catalogue(), POLICY)
LAMP = NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "web", "request-1", region="370102", phone="138 1234 5678")


class Draws:
    """Random digits in a fixed order, 0 upwards unless told."""

    def __init__(self, *values: int) -> None:
        self.values = list(values)

    def __call__(self, limit: int) -> int:
        return self.values.pop(0)


def service(*draws: int, repository: FakeTickets | None = None) -> TicketService:
    return TicketService(repository or FakeTickets(), MemoryAttempts(POLICY.attempts), ROUTER, POLICY, published_calendar(),
                         lambda text: (), Draws(*(draws or range(1, 100))))


def test_an_opened_ticket_is_accepted_dispatched_and_due() -> None:
    tickets = service()
    opened = tickets.open(LAMP, AT)
    ticket = opened.ticket
    assert (ticket.number, ticket.status, ticket.category, ticket.department) == (
        "2026110500000001", Status.DISPATCHED, "路灯不亮", "城市管理局")
    assert (ticket.urgency, ticket.due_on, ticket.phone) == (Urgency.GENERAL, date(2026, 11, 12), "13812345678")
    assert (opened.code, opened.created, opened.warnings) == (None, True, ())
    assert [(entry.act, entry.role, entry.version) for entry in tickets.trail(ticket.number)] == [
        (Act.ACCEPT, Role.SYSTEM, 1), (Act.DISPATCH, Role.SYSTEM, 2)]


@pytest.mark.parametrize(("at", "text", "due"), [
    (datetime(2025, 9, 30, 9, tzinfo=SHANGHAI), "路灯坏了", date(2025, 10, 14)),
    (datetime(2026, 2, 13, 9, tzinfo=SHANGHAI), "路灯坏了", date(2026, 2, 27)),
    (datetime(2026, 11, 6, 20, tzinfo=SHANGHAI), "家里停水了", date(2026, 11, 10)),
    (datetime(2026, 11, 6, 20, tzinfo=SHANGHAI), "电线断了掉在地上", date(2026, 11, 7)),
], ids=["over 国庆", "over 春节", "urgent is two working days", "critical runs on the clock, Saturday too"])
def test_the_due_day_follows_urgency_and_calendar(at: datetime, text: str, due: date) -> None:
    assert service().open(replace(LAMP, text=text), at).ticket.due_on == due


def test_the_day_in_the_number_is_shanghais() -> None:
    evening_in_london = datetime.fromisoformat("2026-11-04T23:30:00+00:00")
    assert service().open(LAMP, evening_in_london).ticket.number == "2026110500000001"


def test_an_unpublished_year_is_told_with_the_ticket() -> None:
    opened = service().open(LAMP, datetime(2026, 12, 30, 9, tzinfo=SHANGHAI))
    assert opened.ticket.due_on == date(2027, 1, 6)
    assert opened.warnings == ("2027年的放假安排还没有公布，到期日只按周末推算",)


def test_the_same_request_opens_one_ticket() -> None:
    tickets = service()
    first, second = tickets.open(LAMP, AT), tickets.open(LAMP, AT + timedelta(minutes=1))
    assert (second.ticket, second.created) == (first.ticket, False)
    assert len(tickets.recent(10)) == 1


def test_the_same_request_twice_at_once_opens_one_ticket() -> None:
    repository = FakeTickets()
    racing = service(repository=repository)
    stored = service(7, repository=repository).open(LAMP, AT)
    unseen = iter([None])
    real = repository.find_request
    repository.find_request = lambda digest: next(unseen, real(digest))  # type: ignore[method-assign]
    assert racing.open(LAMP, AT) == replace(stored, created=False)


def test_a_used_request_id_with_other_content_is_refused() -> None:
    tickets = service()
    tickets.open(LAMP, AT)
    with pytest.raises(RequestReused):
        tickets.open(replace(LAMP, text="别的事情"), AT)


def test_a_taken_number_is_drawn_again() -> None:
    repository = FakeTickets()
    service(5, repository=repository).open(LAMP, AT)
    opened = service(5, 5, 6, repository=repository).open(replace(LAMP, request_id="request-2"), AT)
    assert opened.ticket.number == "2026110500000006"


def test_numbers_that_are_always_taken_end_in_an_error() -> None:
    repository = FakeTickets()
    service(5, repository=repository).open(LAMP, AT)
    with pytest.raises(TicketBusy):
        service(*[5] * 9, repository=repository).open(replace(LAMP, request_id="request-2"), AT)


def test_an_anonymous_ticket_keeps_no_name_and_no_phone_and_gets_a_code() -> None:
    tickets = service()
    opened = tickets.open(replace(LAMP, anonymous=True, name="王建国"), AT)
    assert (opened.ticket.name, opened.ticket.phone) == (None, None)
    assert opened.code is not None
    assert len(opened.code) == 8
    assert opened.code not in str(vars(opened.ticket))
    assert tickets.view(opened.ticket.number, code=opened.code, at=AT).number == opened.ticket.number
    assert tickets.open(replace(LAMP, anonymous=True), AT).code == opened.code


def test_a_ticket_without_a_phone_gets_a_code_too() -> None:
    assert service().open(replace(LAMP, phone=None), AT).code is not None


@pytest.mark.parametrize(("number", "proof"), [
    ("2026110500000001", {"phone_last4": "5679"}), ("2026110500000001", {}), ("2026110500000001", {"phone_last4": ""}),
    ("2026110500000001", {"phone_last4": "345678"}), ("2026110500000001", {"code": "12345678"}),
    ("2026110599999999", {"phone_last4": "5678"}), ("2026110599999999", {"code": "12345678"}), ("abc", {"phone_last4": "5678"}),
], ids=["wrong digits", "no proof", "empty proof", "more than four", "a code it has not", "wrong number", "wrong number with code", "no number"])
def test_a_wrong_number_and_a_wrong_proof_look_the_same(number: str, proof: dict[str, str]) -> None:
    tickets = service()
    tickets.open(LAMP, AT)
    with pytest.raises(TicketNotFound) as error:
        tickets.view(number, at=AT, **proof)
    assert str(error.value) == str(TicketNotFound())


def test_the_right_proof_shows_the_ticket_however_it_is_written() -> None:
    tickets = service()
    ticket = tickets.open(LAMP, AT).ticket
    assert tickets.view("2026 1105 0000 0001", phone_last4=" 5678", at=AT) == ticket


def used_up(tickets: TicketService, number: str, tries: int = 5) -> None:
    for n in range(tries):
        with pytest.raises((TicketNotFound, TooManyAttempts)):
            tickets.view(number, phone_last4="0000", asker=f"a{n}", at=AT)


def test_five_wrong_tries_close_a_ticket_for_ten_minutes_to_whoever_was_wrong_himself() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    used_up(tickets, number)
    with pytest.raises(TooManyAttempts):
        tickets.view(number, phone_last4="5678", asker="a0", at=AT)
    assert tickets.view(number, phone_last4="5678", asker="a0", at=AT + timedelta(minutes=10)).number == number


def test_the_right_proof_passes_when_others_have_used_up_the_tries() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    used_up(tickets, number)
    assert {tickets.view(number, phone_last4="5678", asker="owner", at=AT).number for _ in range(3)} == {number}


def guessed(tickets: TicketService, number: str, tries: int) -> None:
    """Wrong last digits from many askers, spread over the day so that no shorter window stops them."""
    for n in range(tries):
        with pytest.raises((TicketNotFound, TooManyGuesses)):
            tickets.view(number, phone_last4=f"{n:04d}", asker=f"a{n}", at=AT + timedelta(minutes=11 * n))


def test_the_last_four_digits_are_guessed_twenty_times_a_day_at_most_and_the_whole_phone_still_opens() -> None:
    tickets = replace(service(), guesses=MemoryAttempts(POLICY.guesses))
    number = tickets.open(LAMP, AT).ticket.number
    guessed(tickets, number, 20)
    at = AT + timedelta(hours=5)
    with pytest.raises(TooManyGuesses, match="完整的手机号"):
        tickets.view(number, phone_last4="5678", asker="owner", at=at)
    with pytest.raises(TooManyGuesses):
        tickets.view(number, phone_last4="5678", code="x", asker="another", at=at)  # what is no code proves nothing and excuses nothing
    with pytest.raises(TicketNotFound):
        tickets.view(number, phone="13912345678", asker="owner 2", at=at)
    assert tickets.view(number, phone="+86 138-1234-5678", asker="owner 3", at=at).number == number
    assert tickets.view(number, phone_last4="5678", asker="owner", at=AT + timedelta(days=1)).number == number


def test_right_digits_are_no_guesses_and_the_whole_phone_of_a_hidden_caller_opens_nothing() -> None:
    tickets = replace(service(), guesses=MemoryAttempts(POLICY.guesses))
    number = tickets.open(LAMP, AT).ticket.number
    assert {tickets.view(number, phone_last4="5678", asker="owner", at=AT).number for _ in range(50)} == {number}
    hidden = tickets.open(replace(LAMP, confidential=True, request_id="r2"), AT).ticket.number
    with pytest.raises(TicketNotFound):
        tickets.view(hidden, phone="13812345678", asker="owner", at=AT)


def test_a_caller_presses_five_times_a_day_and_again_the_next_morning() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    for _ in range(5):
        tickets.urge(number, trusted=True, at=AT)
    with pytest.raises(ActRefused, match="今天已经催过5次"):
        tickets.urge(number, trusted=True, at=AT)
    urged = tickets.urge(number, trusted=True, at=AT + timedelta(days=1))
    assert (urged.urged, urged.urged_that_day) == (6, 1)


@pytest.mark.parametrize("more", [{"asker": ""}, {"asker": "chat", "fleeting": True}], ids=["nobody", "a conversation"])
def test_whoever_can_be_anew_at_will_is_not_excused(more: dict[str, Any]) -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    used_up(tickets, number)
    with pytest.raises(TooManyAttempts):
        tickets.view(number, phone_last4="5678", at=AT, **more)


def test_nobody_is_excused_while_a_crowd_guesses() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    used_up(tickets, number, 100)
    with pytest.raises(TooManyAttempts):
        tickets.view(number, phone_last4="5678", asker="owner", at=AT)


@pytest.mark.parametrize("hidden", [{"confidential": True}, {"type": TicketType.REPORT}], ids=["confidential", "report"])
def test_the_ticket_of_a_hidden_caller_is_opened_by_its_code_alone(hidden: dict[str, Any]) -> None:
    tickets = service()
    opened = tickets.open(replace(LAMP, **hidden), AT)
    number = opened.ticket.number
    assert (opened.ticket.phone, len(opened.code or "")) == ("13812345678", 8)
    with pytest.raises(TicketNotFound):
        tickets.view(number, phone_last4="5678", at=AT)
    assert tickets.view(number, code=opened.code, at=AT).number == tickets.view(number, trusted=True, at=AT).number == number


@pytest.mark.parametrize(("channel", "brought"), [("web", 10), ("operator", 12)])
def test_ten_tickets_a_day_from_the_web_bring_a_message_to_a_phone(channel: str, brought: int) -> None:
    repository = FakeTickets()
    tickets = service(repository=repository)
    for n in range(12):
        tickets.open(replace(LAMP, request_id=f"r{n}", source_channel=channel), AT)
    assert sum(bool(change.notices) for change in repository.changes) == brought
    assert len(repository.tickets) == 12


def test_an_unknown_number_is_closed_just_as_a_known_one() -> None:
    tickets = service()
    for _ in range(5):
        with pytest.raises(TicketNotFound):
            tickets.view("2026110599999999", phone_last4="0000", asker="a", at=AT)
    with pytest.raises(TooManyAttempts):
        tickets.view("2026110599999999", phone_last4="0000", asker="a", at=AT)


def test_twenty_wrong_tries_close_all_tickets_to_one_asker() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    for n in range(20):
        with pytest.raises(TicketNotFound):
            tickets.view(f"{n:016d}", phone_last4="0000", asker="guesser", at=AT)
    with pytest.raises(TooManyAttempts):
        tickets.view(number, phone_last4="5678", asker="guesser", at=AT)
    assert tickets.view(number, phone_last4="5678", asker="owner", at=AT).number == number


def test_right_look_ups_are_not_counted() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    assert {tickets.view(number, phone_last4="5678", asker="owner", at=AT).number for _ in range(50)} == {number}


def test_while_redis_is_away_guessing_is_still_bounded() -> None:
    class Down:
        def pipeline(self, transaction: bool) -> Any:
            raise RedisDown

    limiter = RedisAttempts(Down(), POLICY.attempts, MemoryAttempts(POLICY.attempts))  # type: ignore[arg-type]
    assert [limiter.take("n", "a", AT) for _ in range(6)] == [True] * 5 + [False]
    limiter.give_back("n", "a", AT)
    limiter.give_back("n", "a", AT)
    assert limiter.take("n", "a", AT)


def test_the_caller_urges_adds_and_withdraws_with_the_proof() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    assert tickets.urge(number, phone_last4="5678", at=AT).urged == 1
    assert tickets.supplement(number, "又坏了一盏", phone_last4="5678", at=AT).version == 4
    assert tickets.trail(number)[-1].note == "又坏了一盏"
    assert tickets.withdraw(number, phone_last4="5678", at=AT).status is Status.WITHDRAWN
    with pytest.raises(ActRefused):
        tickets.urge(number, phone_last4="5678", at=AT)


@pytest.mark.parametrize("act", ["urge", "withdraw", "supplement", "rate"])
def test_nobody_acts_on_a_strangers_ticket(act: str) -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    words = {"supplement": ("补充",), "rate": ("满意",)}.get(act, ())
    with pytest.raises(TicketNotFound):
        getattr(tickets, act)(number, *words, phone_last4="0000", at=AT)
    assert len(tickets.trail(number)) == 2


def test_the_conversation_that_opened_a_ticket_needs_no_proof_but_a_real_number() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    assert tickets.urge(number, trusted=True, at=AT).urged == 1
    with pytest.raises(TicketNotFound):
        tickets.urge("2026110599999999", trusted=True, at=AT)


def test_a_closed_ticket_is_rated_once() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    office = Actor(Role.DEPARTMENT, department="城市管理局", region="370102")
    tickets.act(number, Act.RECEIVE, by=office, at=AT)
    tickets.act(number, Act.REPLY, by=office, at=AT, note="已修好", details=Details(result=Result.SOLVED))
    tickets.act(number, Act.APPROVE, by=Role.OPERATOR, at=AT)
    assert tickets.rate(number, "非常满意", trusted=True, at=AT).rating is Grade.VERY_GOOD
    with pytest.raises(ActRefused):
        tickets.rate(number, "满意", trusted=True, at=AT)


def test_an_act_that_was_overtaken_is_done_on_the_newer_ticket() -> None:
    repository = FakeTickets()
    tickets = service(repository=repository)
    number = tickets.open(LAMP, AT).ticket.number
    repository.overtaken = TRIES - 1
    assert tickets.urge(number, trusted=True, at=AT).urged == 1
    repository.overtaken = TRIES
    with pytest.raises(TicketBusy):
        tickets.urge(number, trusted=True, at=AT)


def test_a_category_that_was_chosen_decides_the_department() -> None:
    ticket = service().open(replace(LAMP, category="供暖"), AT).ticket
    assert (ticket.category, ticket.department) == ("供暖", "住房和城乡建设局")


def test_recent_tickets_can_be_asked_by_department() -> None:
    tickets = service()
    tickets.open(LAMP, AT)
    tickets.open(replace(LAMP, request_id="2", text="老板拖欠工资"), AT)
    assert [ticket.category for ticket in tickets.recent(10, "人力资源和社会保障局")] == ["拖欠工资"]


def test_a_category_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidTicket) as error:
        service().open(replace(LAMP, category="没有的"), AT)
    assert error.value.field == "category"


@pytest.mark.parametrize(("region", "office"), [
    ("370102", ("城市管理局", "370102")), ("370100", ("城市管理局", "370100")), (None, ("城市管理局", None)),
], ids=["the county's", "the city's", "nobody knows where"])
def test_a_request_goes_to_the_office_of_its_own_region(region: str | None, office: tuple[str, str | None]) -> None:
    ticket = service().open(replace(LAMP, region=region), AT).ticket
    assert (ticket.department, ticket.office_region) == office


def test_a_department_cannot_tell_anothers_ticket_from_none() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    told = set()
    for department, region, asked in (("城市管理局", "370112", number), ("公安局", "370102", number), ("城市管理局", "370102", "2026110599999999")):
        office = Actor(Role.DEPARTMENT, department=department, region=region)
        with pytest.raises(TicketNotFound) as unseen:
            tickets.seen(asked, office)
        with pytest.raises(TicketNotFound) as undone:
            tickets.act(asked, Act.RECEIVE, by=office, at=AT)
        told |= {str(unseen.value), str(undone.value)}
    assert len(told) == 1
    assert len(tickets.trail(number)) == 2


def test_words_beyond_the_limit_are_refused() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    with pytest.raises(InvalidTicket) as error:
        tickets.supplement(number, "长" * 5001, trusted=True, at=AT)
    assert error.value.field == "text"


def test_a_grade_that_is_none_of_the_five_is_refused() -> None:
    tickets = service()
    number = tickets.open(LAMP, AT).ticket.number
    with pytest.raises(InvalidTicket) as error:
        tickets.rate(number, "还行", trusted=True, at=AT)
    assert error.value.field == "grade"
