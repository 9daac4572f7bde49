"""Periods, the calendar as steps, rates, the ranking, and files that no spreadsheet runs."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.ranking_picture import NoChineseFont, draw_ranking
from core.calendar import published_calendar
from core.clock import SHANGHAI
from tickets.doing import Actor
from tickets.load import CatalogueError, RankingRules, load_policy
from tickets.model import Card, Grade, Queue, Result, Role, Status, Ticket, TicketType, Urgency
from tickets.reports.files import CannotWrite, defused, write_table
from tickets.reports.ledger import ledger_header, ledger_rows
from tickets.reports.measures import MEASURES, Dimension, Line, Rate, Tally, total
from tickets.reports.period import InvalidPeriod, Period, read_period
from tickets.reports.ranking import rank, score
from tickets.reports.ratings import ratings_sheet
from tickets.reports.steps import ends_after, months, working_day_numbers
from tickets.reports.table import named, ranking_sheets, report_sheet, screen_sheets, shown
from tickets.views import seen_by

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 5, 10, 30, tzinfo=SHANGHAI)
CALENDAR = published_calendar()
RULES = RankingRules(smallest=5, response=20, solved=40, satisfied=40)
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "＝1+1", "\x00=1", '=HYPERLINK("http://x","看")', "=cmd|' /C calc'!A0")


def moment(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


# --- periods ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("asked", "first", "last"), [
    ({}, date(2026, 11, 1), date(2026, 11, 30)),
    ({"month": "2026-02"}, date(2026, 2, 1), date(2026, 2, 28)),
    ({"month": "2024-12"}, date(2024, 12, 1), date(2024, 12, 31)),
    ({"first": "2026-10-05"}, date(2026, 10, 5), TODAY),
    ({"first": "2026-10-05", "last": "2026-10-05"}, date(2026, 10, 5), date(2026, 10, 5)),
], ids=["this month", "a month", "a December", "from a day on", "one day"])
def test_a_period_is_read_as_it_was_asked_for(asked: dict[str, str], first: date, last: date) -> None:
    assert read_period(TODAY, **asked) == Period(first, last)


@pytest.mark.parametrize(("asked", "words"), [
    ({"month": "2026-13"}, "不是日期"), ({"month": "2026-1"}, "不是月份"), ({"first": "昨天"}, "不是日期"), ({"last": "2026-10-05"}, "还要写开始日期"),
    ({"first": "2026-10-05", "last": "2026-10-04"}, "反了"), ({"month": "2026-10", "first": "2026-10-01"}, "只写一样"), ({"first": "0001-01-01"}, "太早"),
], ids=["no such month", "a short month", "words", "an end without a start", "the wrong way round", "both", "too early"])
def test_what_is_no_period_is_refused_in_words(asked: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidPeriod, match=words):
        read_period(TODAY, **asked)


def test_a_period_runs_from_midnight_to_midnight_in_shanghai() -> None:
    period = Period(date(2026, 10, 1), date(2026, 10, 31))
    assert (period.start.isoformat(), period.end.isoformat()) == ("2026-10-01T00:00:00+08:00", "2026-11-01T00:00:00+08:00")


# --- the calendar as steps -------------------------------------------------------------------------------------------
@given(st.integers(0, 300), st.integers(0, 60), st.integers(0, 23))
def test_the_difference_of_two_numbers_is_the_working_days_between(start: int, length: int, hour: int) -> None:
    first = date(2026, 1, 1)
    numbers = working_day_numbers(CALENDAR, first, date(2026, 12, 31))
    opened, answered = first + timedelta(days=start), first + timedelta(days=start + length)
    between = sum(CALENDAR.is_working(opened + timedelta(days=place)) for place in range(1, length + 1))
    assert numbers.at(moment(answered, hour)) - numbers.at(moment(opened, 23 - hour)) == between


@pytest.mark.parametrize(("sent", "end"), [
    (date(2026, 11, 5), date(2026, 11, 7)), (date(2026, 11, 6), date(2026, 11, 10)), (date(2026, 11, 7), date(2026, 11, 10)),
    (date(2026, 9, 30), date(2026, 10, 9)),
], ids=["a Thursday", "a Friday", "a Saturday", "before 国庆"])
def test_what_is_sent_on_a_day_is_to_be_received_by_the_end_of_the_next_working_day(sent: date, end: date) -> None:
    steps = ends_after(CALENDAR, 1, date(2026, 9, 1), date(2026, 12, 31))
    assert steps.at(moment(sent, 0)) == steps.at(moment(sent, 23)) == moment(end)


def test_a_month_begins_at_midnight_in_shanghai() -> None:
    steps = months(Period(date(2026, 9, 15), date(2026, 11, 3)))
    assert [steps.at(moment(date(2026, 9, 15))), steps.at(moment(date(2026, 10, 1)) - timedelta(seconds=1)), steps.at(moment(date(2026, 10, 1))),
            steps.at(moment(date(2026, 11, 3), 23))] == ["2026-09", "2026-09", "2026-10", "2026-11"]


# --- rates and sums --------------------------------------------------------------------------------------------------
def test_nothing_is_said_of_an_empty_whole() -> None:
    assert Rate(0, 0).value is None
    assert all(measure.rate(Tally()).value is None for measure in MEASURES)


def test_each_rate_has_its_own_numerator_and_denominator() -> None:
    tally = Tally(opened=100, excluded=20, settled=50, to_receive=40, received=30, solved=25, graded=10, satisfied=9, due=60, on_time=45, sent=70,
                  returned=7, answered=51, reworked=17, first_contact=8, handled=42, working_days=126)
    assert {measure.name: measure.rate(tally).value for measure in MEASURES} == {
        "response": Fraction(3, 4), "solved": Fraction(1, 2), "satisfied": Fraction(9, 10), "on_time": Fraction(3, 4), "returned": Fraction(1, 10),
        "reworked": Fraction(1, 3), "first_contact": Fraction(1, 10), "days": 3}


def test_the_total_adds_every_count() -> None:
    one, two = Tally(*range(21)), Tally(*range(100, 121))
    assert total([Line(("a",), one), Line(("b",), two)]) == Tally(*range(100, 141, 2))


# --- the ranking -----------------------------------------------------------------------------------------------------
def office(name: str, response: int, solved: int, satisfied: int, *, of: int = 10, graded: int = 10) -> Line:
    return Line((name, ""), Tally(opened=of, settled=of, to_receive=of, received=response, solved=solved, graded=graded, satisfied=satisfied))


def test_the_score_weighs_the_three_rates() -> None:
    assert score(office("a", 10, 5, 8), RULES) == 7200
    assert score(office("a", 10, 10, 10), RULES) == 10_000
    assert score(office("a", 0, 0, 0), RULES) == 0
    assert score(office("a", 1, 1, 1, of=3, graded=3), replace(RULES, smallest=1)) == 3333


def test_a_rate_over_too_few_leaves_its_weight_to_the_others() -> None:
    assert score(office("a", 10, 5, 0, graded=4), RULES) == round(10_000 * (20 * 1 + 40 * 0.5) / 60)


def test_offices_are_ranked_by_score_and_ties_are_said() -> None:
    found = rank([office("丁", 5, 5, 5), office("乙", 9, 9, 9), office("丙", 9, 9, 9), office("甲", 10, 10, 10)], RULES)
    assert [(one.place, one.shared, one.line.key[0]) for one in found.places] == [(1, False, "甲"), (2, True, "丙"), (2, True, "乙"), (4, False, "丁")]
    sheet, apart = ranking_sheets("十月", found)
    assert [row[0] for row in sheet.rows] == ["1", "2（并列）", "2（并列）", "4"]
    assert [row[-1] for row in sheet.rows] == [100.0, 90.0, 90.0, 50.0]
    assert apart.rows == ()


def test_an_office_with_few_settled_tickets_stands_apart() -> None:
    few = office("少", 4, 4, 4, of=4, graded=4)
    found = rank([few, office("多", 1, 1, 1)], RULES)
    assert ([one.line.key[0] for one in found.places], found.apart) == (["多"], (few,))
    assert [shown(cell) for cell in ranking_sheets("十月", found)[1].rows[0]] == ["少", "", "4", "—", "—", "—"]


def test_the_policy_has_a_time_to_receive_for_every_urgency_and_weights() -> None:
    policy = load_policy()
    assert set(policy.receive) == set(Urgency)
    assert (policy.ranking.smallest, policy.ranking.response + policy.ranking.solved + policy.ranking.satisfied) == (5, 100)
    with pytest.raises(CatalogueError):
        RankingRules(5, 0, 0, 0)


# --- tables ----------------------------------------------------------------------------------------------------------
def test_a_report_ends_with_its_totals_and_shows_what_cannot_be_said_as_a_dash() -> None:
    lines = [office("甲", 1, 2, 2, of=3, graded=3), office("乙", 0, 0, 0, of=0, graded=0)]
    sheet = report_sheet("十月", Dimension.DEPARTMENT, lines)
    told = [dict(zip(sheet.header, map(shown, row))) for row in sheet.rows]
    assert [row["承办单位"] for row in told] == ["甲", "乙", "合计"]
    assert (told[0]["响应率"], told[0]["响应率分子"], told[0]["响应率分母"]) == ("33.3%", "1", "3")
    assert (told[1]["满意率"], told[2]["解决率"]) == ("—", "66.7%")
    counts, rates = screen_sheets("十月", Dimension.DEPARTMENT, lines)
    assert all(len(row) == len(one.header) for one in (sheet, counts, rates) for row in one.rows)


def test_keys_are_put_into_words() -> None:
    names = {"370102": "济南市历下区"}
    def key(by: Dimension, *found: str) -> tuple[str, ...]:
        return named([Line(found, Tally())], by, lambda code: names.get(code, code))[0].key
    assert key(Dimension.DEPARTMENT, "城市管理局", "370102") == ("城市管理局", "济南市历下区")
    assert key(Dimension.REGION, "") == ("没有说",)
    assert key(Dimension.REGION, "999999") == ("999999",)
    assert (key(Dimension.QUEUE, ""), key(Dimension.TYPE, "投诉")) == (("普通诉求",), ("投诉",))


# --- the ledger ------------------------------------------------------------------------------------------------------
TICKET = Ticket("2026110500000001", TicketType.COMPLAINT, "路灯坏了", "路灯坏了", "路灯不亮", "城市管理局", Urgency.GENERAL, "web", AT, AT, "d" * 64,
                region="370102", name="王建国", phone="13812345678", status=Status.HANDLING, office_region="370102", helpers=("供电公司", "住建局"),
                due_at=datetime(2026, 11, 13, tzinfo=SHANGHAI), running=True, card=Card.YELLOW, supervision=2, queue=Queue.BUSINESS,
                result=Result.PARTLY, rating=Grade.FAIR)
HANDLER = Actor(Role.DEPARTMENT, "", "城市管理局", "370102")


def ledger(ticket: Ticket, at: datetime = AT, callers: bool = True) -> dict[str, str]:
    row, = ledger_rows([ticket], at, lambda code: {"370102": "济南市历下区"}[code], callers)
    header = ledger_header(callers)
    assert len(row) == len(header) == len(set(header))
    return dict(zip(header, map(shown, row)))


def test_the_ledger_has_owner_deadline_state_card_and_supervision() -> None:
    row = ledger(TICKET)
    assert {name: row[name] for name in ("工单编号", "主办单位", "协办单位", "承办区划", "办理期限", "状态", "亮牌", "督办级别", "专席", "满意度", "超期")} == {
        "工单编号": TICKET.number, "主办单位": "城市管理局", "协办单位": "供电公司、住建局", "承办区划": "济南市历下区", "办理期限": "2026-11-12",
        "状态": "承办单位正在办理", "亮牌": "黄牌", "督办级别": "2", "专席": "营商环境投诉", "满意度": "基本满意", "超期": ""}


def test_the_ledger_says_who_is_late() -> None:
    assert ledger(TICKET, TICKET.due_at)["超期"] == "是"
    assert ledger(replace(TICKET, running=False), TICKET.due_at)["超期"] == ""
    assert ledger(replace(TICKET, running=False, late=True))["超期"] == "是"
    assert ledger(replace(TICKET, by_hours=True))["办理期限"] == "2026-11-13 00:00"


def test_the_ledger_names_callers_only_where_asked_and_never_a_hidden_one() -> None:
    assert "诉求人" not in ledger_header(False)
    assert TICKET.phone not in "".join(ledger(TICKET, callers=False).values())
    assert ledger(seen_by(TICKET, HANDLER))["联系电话"] == "13812345678"
    for hidden in (replace(TICKET, confidential=True), replace(TICKET, type=TicketType.REPORT), replace(TICKET, anonymous=True)):
        told = "".join(ledger(seen_by(hidden, HANDLER)).values())
        assert TICKET.phone not in told
        assert TICKET.name not in told


# --- files -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert defused(text).startswith("'")


@given(st.text(st.characters(blacklist_categories=())))
def test_whatever_a_cell_holds_it_is_text_that_a_file_takes(text: str) -> None:
    cell = defused(text)
    cell.encode("utf-8")
    assert cell[:1] not in tuple("=+-@\t\r\n＝＋－＠")
    assert len(cell) <= 32_767


def test_harmless_text_stays_as_it_is() -> None:
    assert defused("路\x07灯\uffff\ud800") == "路灯?"
    assert [defused(text) for text in ("路灯=坏", "3-1号楼", "'引号", "")] == ["路灯=坏", "3-1号楼", "'引号", ""]


def hostile_rows() -> Iterator[tuple[str, int, float]]:
    return ((text, 3, 0.5) for text in (*HOSTILE, "#N/A", "好;=1+1,\"x\""))


def test_hostile_titles_are_harmless_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert write_table(path, ("台账", ("=标题", "数", "率"), hostile_rows())) == len(HOSTILE) + 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["'=标题", "数", "率"]
    assert all(row[0].startswith("'") for row in rows[1:1 + len(HOSTILE)])
    assert rows[-1] == ["好;=1+1,\"x\"", "3", "0.5"]
    assert '"好;=1+1' in path.read_text(encoding="utf-8-sig")


def test_hostile_titles_are_texts_in_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, ("台账 a/b:[c]*?", ("=标题", "数", "率"), hostile_rows()), ("第二张", ("甲",), [["=1"]]))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["台账 abc", "第二张"]
    texts = [row[0] for row in book["台账 abc"].iter_rows()]
    assert {cell.data_type for cell in texts} == {"s"}
    assert all(cell.value.startswith("'") for cell in texts[1:1 + len(HOSTILE)])
    assert texts[-2].value == "#N/A"
    assert [cell.value for cell in book["台账 abc"][2]][1:] == [3, 0.5]


def test_a_share_is_a_number_in_xlsx_and_percent_in_csv(tmp_path: Path) -> None:
    sheet = report_sheet("十月", Dimension.TYPE, [Line(("投诉",), Tally(opened=3, settled=3, solved=2))])
    for name in ("a.csv", "a.xlsx"):
        write_table(tmp_path / name, (sheet.title, sheet.header, sheet.rows))
    place = sheet.header.index("解决率")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active.cell(2, place + 1)
    assert (cell.number_format, pytest.approx(cell.value)) == ("0.0%", 2 / 3)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        assert list(csv.reader(file))[1][place] == "66.7%"


def test_a_file_appears_whole_or_not_at_all_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_table(path, ("一", ("甲",), [["旧"]]))
    def failing() -> Iterator[tuple[str]]:
        yield ("新",)
        raise RuntimeError
    with pytest.raises(RuntimeError):
        write_table(path, ("一", ("甲",), failing()))
    assert "旧" in path.read_text(encoding="utf-8-sig")
    assert os.listdir(tmp_path) == ["a.csv"]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("name", "words"), [("a.pdf", "不认识"), ("no/a.csv", "写不了")])
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(CannotWrite, match=words):
        write_table(tmp_path / name, ("一", ("甲",), []))


def test_the_ranking_is_drawn_as_a_picture(tmp_path: Path) -> None:
    places = rank([office(f"单位{place}", place, place, place) for place in range(1, 11)], RULES).places
    path = tmp_path / "a.png"
    try:
        assert draw_ranking(path, "十月", places) == 10
    except NoChineseFont:
        pytest.skip("no Chinese font on this machine")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert draw_ranking(path, "没有", ()) == 0


def test_the_grades_of_conversations_stand_beside_those_of_tickets() -> None:
    sheet = ratings_sheet("好差评", {("会话", "ivr"): {Grade.VERY_GOOD: 2, Grade.BAD: 1}, ("会话", "web"): {Grade.FAIR: 1}, ("工单", "web"): {Grade.VERY_BAD: 1}})
    assert [tuple(map(shown, row)) for row in sheet.rows] == [
        ("会话", "电话", "2", "0", "0", "1", "0", "3", "1", "66.7%"), ("会话", "网上", "0", "0", "1", "0", "0", "1", "0", "100.0%"),
        ("工单", "网上", "0", "0", "0", "0", "1", "1", "1", "0.0%"), ("合计", "", "2", "0", "1", "1", "1", "5", "2", "60.0%")]
    assert [shown(cell) for cell in ratings_sheet("好差评", {}).rows[-1]][-2:] == ["0", "—"]
