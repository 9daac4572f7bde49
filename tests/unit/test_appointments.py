"""Which slots there are, which are free, and which one a wish comes nearest to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from core.calendar import WorkingCalendar, published_calendar
from core.clock import SHANGHAI
from tickets.appointments import Appointments, Slot, Wish, slot_of, spoken
from tickets.errors import InvalidTicket
from tickets.load import CatalogueError, load_centres
from tickets.model import NewTicket, Queue, TicketType
from tickets.wished_time import wish_in

CENTRES = load_centres()
NOW = datetime(2026, 11, 23, 9, 40, tzinfo=SHANGHAI)  # a Monday
TUESDAY = date(2026, 11, 24)


class FakeBookings:
    """Seats taken, as it is told."""

    def __init__(self, seats: Mapping[tuple[date, str], int] | None = None) -> None:
        self.seats = seats or {}

    def taken(self, office: str, first: date, last: date) -> Mapping[tuple[date, str], int]:
        return {key: count for key, count in self.seats.items() if first <= key[0] <= last}


def appointments(seats: Mapping[tuple[date, str], int] | None = None, calendar: WorkingCalendar | None = None) -> Appointments:
    return Appointments(CENTRES, calendar or published_calendar(), FakeBookings(seats))


def starts(found: list[Slot] | object) -> list[str]:
    return [slot.matter["slot"] for slot in found]  # type: ignore[attr-defined]


def booking(**matter: str) -> NewTicket:
    return NewTicket(TicketType.HELP, "预约", "web", queue=Queue.APPOINTMENT,
                     matter={"office": "jinan-lixia", "item": "护照", "day": "2026-11-24", "slot": "09:30", **matter})


def test_a_day_has_its_hours_in_half_hours_and_the_noon_is_free() -> None:
    found = starts(appointments().slots("jinan-lixia", TUESDAY, NOW))
    assert (found[0], found[5], found[6], found[-1], len(found)) == ("09:00", "11:30", "13:30", "16:30", 13)


def test_each_weekday_has_hours_of_its_own() -> None:
    friday = date(2026, 11, 27)
    assert starts(appointments().slots("jinan-zhangqiu", friday, NOW))[-1] == "11:30"
    assert starts(appointments().slots("jinan-zhangqiu", TUESDAY, NOW))[-1] == "16:30"


def test_the_working_calendar_decides_which_days_are_open() -> None:
    saturday, holiday = date(2026, 11, 28), TUESDAY
    calendar = WorkingCalendar(frozenset({2026}), frozenset({holiday}), frozenset({saturday}))
    assert starts(appointments().slots("jinan", saturday, NOW)) == []
    assert starts(appointments(calendar=calendar).slots("jinan", holiday, NOW)) == []
    assert len(starts(appointments(calendar=calendar).slots("jinan", saturday, NOW))) == 13


@pytest.mark.parametrize("day", [date(2026, 11, 20), NOW.date() + timedelta(days=CENTRES.days_ahead + 1)], ids=["past", "too far off"])
def test_only_the_coming_days_can_be_booked(day: date) -> None:
    assert starts(appointments().slots("jinan", day, NOW)) == []


def test_a_slot_closes_an_hour_before_it_begins() -> None:
    assert starts(appointments().slots("jinan", NOW.date(), NOW))[0] == "11:00"


def test_free_seats_are_those_that_nobody_has_and_never_less_than_none() -> None:
    found = {slot.matter["slot"]: slot.free for slot in appointments({(TUESDAY, "09:00"): 3, (TUESDAY, "09:30"): 9}).slots("jinan-lixia", TUESDAY, NOW)}
    assert (found["09:00"], found["09:30"], found["10:00"]) == (1, 0, 4)


def test_an_unknown_centre_is_refused() -> None:
    with pytest.raises(InvalidTicket) as refused:
        appointments().slots("nowhere", TUESDAY, NOW)
    assert refused.value.field == "office"


@pytest.mark.parametrize(("words", "slot"), [
    ("下周二上午九点", "2026-12-01 09:00"), ("明天下午三点半", "2026-11-24 15:30"), ("周三", "2026-11-25 09:00"), ("周一", "2026-11-30 09:00"),
    ("24号上午", "2026-11-24 09:00"), ("12月1号10:30", "2026-12-01 10:30"), ("后天下午", "2026-11-25 13:30"), ("今天", "2026-11-23 11:00"),
    ("随便", "2026-11-23 11:00"), ("大后天中午", "2026-11-26 11:00"), ("不是周二,是周三下午", "2026-11-25 13:30"), ("明天上午十点一刻", "2026-11-24 10:00"),
])
def test_a_wish_in_words_finds_its_slot(words: str, slot: str) -> None:
    found = appointments().nearest("jinan-lixia", wish_in(words, NOW), NOW)
    assert found is not None
    assert f"{found.day} {found.start:%H:%M}" == slot


@pytest.mark.parametrize(("wish", "granted"), [
    (Wish(TUESDAY, time(9)), True), (Wish(TUESDAY), True), (Wish(), True), (Wish(TUESDAY, time(9, 10)), False),
    (Wish(TUESDAY, time(8), time(12)), True), (Wish(date(2026, 11, 25)), False), (Wish(None, time(12), time(18)), False),
])
def test_a_caller_is_told_when_the_slot_is_not_what_he_asked_for(wish: Wish, granted: bool) -> None:
    assert wish.grants(Slot(TUESDAY, time(9), 1)) is granted


def test_a_full_slot_gives_way_to_the_nearest_free_one() -> None:
    full = {(TUESDAY, "09:30"): 4, (TUESDAY, "09:00"): 4}
    found = appointments(full).nearest("jinan-lixia", Wish(TUESDAY, time(9, 30)), NOW)
    assert found is not None
    assert found.matter == {"day": "2026-11-24", "slot": "10:00"}


def test_a_closed_day_gives_way_to_the_nearest_open_one() -> None:
    found = appointments().nearest("jinan-lixia", wish_in("周六上午", NOW), NOW)
    assert found is not None
    assert found.day == date(2026, 11, 27)


def test_a_centre_without_a_free_seat_has_no_nearest_slot() -> None:
    days = [NOW.date() + timedelta(days=count) for count in range(CENTRES.days_ahead + 1)]
    full = {(day, f"{hour:02d}:{minute}"): 9 for day in days for hour in range(24) for minute in ("00", "30")}
    assert appointments(full).nearest("jinan-lixia", Wish(), NOW) is None


def test_a_request_for_an_open_slot_takes_the_region_of_its_centre() -> None:
    assert appointments().checked(booking(), NOW).region == "370102"


@pytest.mark.parametrize(("matter", "field"), [
    ({"office": "nowhere"}, "matter.office"), ({"day": "2026-11-28"}, "matter.day"), ({"day": "2027-03-01"}, "matter.slot"),
    ({"slot": "12:30"}, "matter.slot"), ({"slot": "09:10"}, "matter.slot"), ({"day": "2026-11-23", "slot": "09:30"}, "matter.slot"),
])
def test_what_cannot_be_booked_is_refused_by_its_entry(matter: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidTicket) as refused:
        appointments().checked(booking(**matter), NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(("text", "region", "code"), [
    ("我去历下区政务服务中心", None, "jinan-lixia"), ("历下政务大厅", None, "jinan-lixia"), ("去历下吧", "370102", "jinan-lixia"),
    ("青岛市政务服务中心", None, "qingdao"), ("市政务大厅", None, "jinan"), ("随便", None, None), ("去平阴", "370124", None),
])
def test_a_centre_is_known_by_its_names_and_its_region(text: str, region: str | None, code: str | None) -> None:
    found = CENTRES.named(text, region)
    assert (found.code if found else None) == code


def test_centres_near_by_come_first_and_a_city_without_any_is_offered_all() -> None:
    assert [centre.code for centre in CENTRES.near("370114")][0] == "jinan-zhangqiu"
    assert all(centre.region.startswith("3701") for centre in CENTRES.near("370114"))
    assert CENTRES.near("371700") == CENTRES.centres


@pytest.mark.parametrize(("start", "words"), [
    (time(9), "11月24日周二上午9点"), (time(13, 30), "11月24日周二下午1点半"), (time(12), "11月24日周二中午12点"), (time(9, 15), "11月24日周二上午9点15分"),
])
def test_a_slot_is_said_as_people_say_it(start: time, words: str) -> None:
    assert spoken(Slot(TUESDAY, start, 1)) == words


def test_a_slot_comes_back_out_of_a_ticket() -> None:
    assert slot_of({"day": "2026-11-24", "slot": "09:30"}) == Slot(TUESDAY, time(9, 30), 0)


@pytest.mark.parametrize("text", ["booking: {days_ahead: 1, notice_minutes: 1}\noffices: {}", """
booking: {days_ahead: 1, notice_minutes: 1, slot_minutes: 30}
offices: {x: {name: 大厅, region: "370100", seats: 1, hours: {周一: ["17:00-09:00"]}}}""", """
booking: {days_ahead: 1, notice_minutes: 1, slot_minutes: 30}
offices: {x: {name: 大厅, region: "370100", seats: 1, hours: {星期八: ["09:00-12:00"]}}}"""], ids=["no slot length", "ends before it begins", "no such day"])
def test_a_policy_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "offices.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError):
        load_centres(path)
