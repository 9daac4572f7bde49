"""The order of the line, who may take whom, how long it takes, and whom a matter is for."""

from __future__ import annotations

import pytest

from api.desk.line import Place, Waiting, covers, fits, ordered, place_in, waiting_of
from api.desk.skills import says_old, skill_before, skill_of
from api.desk.waits import minutes

ENTRY = {"reason": "asked", "since": "1000.0", "skill": "general", "region": "", "alarm": False, "elderly": False, "distressed": False,
         "returned": False}


def entry(id: str, now: float = 1010.0, **changes: object) -> Waiting:
    return waiting_of(id, {**ENTRY, **changes}, now)


@pytest.mark.parametrize(("changes", "priority"), [
    ({}, 2), ({"elderly": True}, 1), ({"distressed": True}, 1), ({"returned": True, "reason": "returned"}, 1), ({"alarm": True, "reason": "crisis"}, 0),
], ids=["others", "elderly", "distressed", "given back", "crisis"])
@pytest.mark.parametrize(("waited", "lift"), [(299.9, 0), (300.0, 1), (3600.0, 1)], ids=["at first", "five minutes", "an hour"])
def test_five_minutes_lift_a_caller_one_class_and_no_further(changes: dict[str, object], priority: int, waited: float, lift: int) -> None:
    assert entry("a", 1000.0 + waited, **changes).priority == max(0, priority - lift)


def test_alarms_stand_first_of_all_then_the_class_then_who_waits_longest() -> None:
    line = [entry("new", since="1009.0"), entry("old", since="600.0"), entry("grandmother", since="1008.0", elderly=True),
            entry("grandmother who waits", since="500.0", elderly=True), entry("fire", since="1009.9", alarm=True, reason="emergency_119")]
    assert [each.id for each in ordered(line)] == ["fire", "grandmother who waits", "old", "grandmother", "new"]


def test_a_place_counts_those_of_the_same_skill_and_alarms() -> None:
    line = ordered([entry("tax", skill="tax"), entry("fire", alarm=True, reason="emergency_119"), entry("general", since="1001.0")])
    assert [place_in(line, id) for id in ("fire", "tax", "general", "nobody")] == [Place(1, 0), Place(2, 1), Place(2, 1), None]


def test_a_place_counts_those_alone_whom_the_same_city_serves() -> None:
    line = ordered([entry("yantai", since="900.0", region="370600"), entry("anywhere", since="901.0"), entry("jinan", since="902.0", region="370102"),
                    entry("fire", alarm=True, reason="emergency_119", region="371600"), entry("lixia", since="903.0", region="370100")])
    assert [place_in(line, id) for id in ("yantai", "jinan", "lixia", "anywhere")] == [Place(2, 1), Place(3, 2), Place(4, 3), Place(3, 2)]


@pytest.mark.parametrize(("region", "of", "held"), [
    ("370000", "370102", True), ("370100", "370102", True), ("370102", "370102", True), ("370102", "370100", False), ("370600", "370102", False),
    (None, "370102", True), ("370102", None, True)],
    ids=["province", "city", "itself", "a county holds no city", "another city", "everywhere", "anywhere"])
def test_a_region_holds_what_lies_in_it(region: str | None, of: str | None, held: bool) -> None:
    assert covers(region, of) is held


def test_skills_and_region_decide_who_takes_whom_but_an_alarm_is_everybodys() -> None:
    tax = entry("a", skill="tax", region="370102")
    assert fits((), None, tax) and fits(("tax",), "370100", tax)
    assert not fits(("general",), None, tax) and not fits(("tax",), "370600", tax)
    assert fits(("general",), "370600", entry("b", skill="tax", region="370102", alarm=True, reason="crisis"))


@pytest.mark.parametrize(("gaps", "position", "told"), [
    ([60, 60], 1, None), ([60, 60, 60], 1, 1), ([60, 60, 60], 4, 4), ([90, 30, 61], 2, 3), ([0, 0, 0], 1, 1), ([600, 600, 600], 7, None)],
    ids=["too few", "next", "fourth", "rounded up", "never none", "too long to tell"])
def test_the_wait_is_the_mean_of_the_last_ones_times_the_place(gaps: list[float], position: int, told: int | None) -> None:
    assert minutes(gaps, position) == told


@pytest.mark.parametrize(("department", "text", "outcome", "skill"), [
    ("人社", "转人工", "answered", "social-security"), ("医保", "人工", "answered", "social-security"), ("税务", "转人工", "answered", "tax"),
    ("公积金", "转人工", "answered", "housing-fund"), ("公安", "转人工", "answered", "general"), (None, "公积金怎么提", "handoff", "housing-fund"),
    (None, "发票开不出来找人工", "handoff", "tax"), (None, "我的养老金少了", "handoff", "social-security"), (None, "我要投诉你们", "handoff", "tickets"),
    ("人社", "转人工", "ticket_form", "tickets"), (None, "转人工", "ticket_status", "tickets"), (None, "转人工", None, "general")])
def test_a_matter_goes_to_those_who_know_it(department: str | None, text: str, outcome: str | None, skill: str) -> None:
    assert skill_of(department, text, outcome) == skill


def test_the_skill_is_kept_for_who_waits_again() -> None:
    assert skill_before({"handoff": '{"reason":"asked","skill":"tax"}'}) == "tax"
    assert skill_before({}) == "general"


@pytest.mark.parametrize("text", ["我七十多了，看不清字", "俺今年八十二岁了", "我72了", "我都68岁", "我岁数大了不会弄", "我上年纪了", "我六十好几了", "我是个老头"])
def test_who_says_that_he_is_old_is_believed(text: str) -> None:
    assert says_old(text)


@pytest.mark.parametrize("text", ["我妈七十多了，能办卡吗", "我三十多了", "我家七十多平米", "我有70块钱", "老人卡怎么办", "我爸岁数大了", "七十岁以上坐车免费吗", "我70分钟前打过"])
def test_of_others_and_of_other_numbers_it_does_not_count(text: str) -> None:
    assert not says_old(text)
