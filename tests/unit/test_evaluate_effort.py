"""Questions back until the right item is reached, what a chance is worth, and its picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from actions.enquiring import offers
from cli.evaluation import effort, plot, reliability
from cli.evaluation.listener import Heard
from cli.evaluation.measures import Share
from cli.evaluation.questions import Question
from cli.evaluation.reliability import Bin
from cli.evaluation.verdict import Verdict, judge
from core.regions import RegionTree
from knowledge.bootstrap import Knowledge, build
from knowledge.model import Candidate

CODES = ("id-card-reissue", "id-card-renew", "birth-medical-certificate")


@dataclass(frozen=True)
class Known:
    knowledge: Knowledge
    regions: RegionTree


@pytest.fixture(scope="module")
def known() -> Known:
    return Known(build(), RegionTree(()))


def candidates(known: Known, *chances: float) -> tuple[Candidate, ...]:
    names = known.knowledge.answerer.name_of
    return tuple(Candidate(code, names(code), "item", chance, names(code)) for code, chance in zip(CODES, chances))


def verdict(heard: Heard, code: str = CODES[0]) -> Verdict:
    return judge(Question("身份证", "item", (code,)), heard, {"ask_item": "knowledge"})


def test_an_answer_needs_no_question_and_a_wrong_one_never_reaches_the_item(known: Known) -> None:
    sure = Heard("ask_item", "ask_item", 0.9, "answer", None, candidates(known, 0.95, 0.03), ())
    assert effort.needed(verdict(sure), known) == 0
    assert effort.needed(verdict(sure, CODES[1]), known) is None


def test_asked_back_the_questions_are_counted_and_what_is_not_offered_is_out_of_reach(known: Known) -> None:
    asked = Heard("ask_item", "ask_item", 0.9, "clarify", None, candidates(known, 0.5, 0.3, 0.01), CODES[:2])
    assert [effort.needed(verdict(asked, code), known) for code in CODES] == [1, 1, None]
    assert effort.needed(verdict(replace(asked, decision="none")), known) is None


def test_offers_are_made_of_the_codes_that_are_asked_about_with_their_chances(known: Known) -> None:
    match = {"candidates": [{"code": CODES[0], "score": 0.5}, {"code": CODES[1], "score": 0.0}]}
    assert [(offer.code, offer.score) for offer in offers(known, match, CODES[:2])] == [(CODES[0], 0.5)]


def test_the_mean_is_over_what_is_reached_and_the_rest_is_told_apart() -> None:
    found = effort.effort([0, 0, 1, 2, None])
    assert (found.mean, found.unreachable) == ("0.75 (3/4)", Share(1, 5))
    assert effort.effort([None]).mean == "–"


def test_chances_fall_into_ten_bins_and_the_last_includes_certainty() -> None:
    assert reliability.bins([(1.0, True), (0.95, False), (0.1, False), (0.0, True)]) == [
        Bin(0.0, 0.1, 0.0, Share(1, 1)), Bin(0.1, 0.2, 0.1, Share(0, 1)), Bin(0.9, 1.0, 0.975, Share(1, 2))]


def test_the_error_is_nothing_where_chances_are_what_they_say() -> None:
    assert reliability.error(reliability.bins([(0.75, True)] * 3 + [(0.75, False)])) == 0
    assert reliability.error(reliability.bins([(0.9, False), (0.1, False)])) == pytest.approx(0.5)
    assert reliability.error([]) == 0


def test_tickets_and_texts_near_nothing_are_not_judged(known: Known) -> None:
    heard = Heard("ask_item", "ask_item", 0.9, "answer", None, candidates(known, 0.95), ())
    ticket = judge(Question("路灯坏了", "ticket"), heard, {"ask_item": "knowledge"})
    nothing = verdict(replace(heard, decision="none", candidates=()))
    wrong = judge(Question("笑话", "none"), heard, {"ask_item": "knowledge"})
    assert reliability.judged([verdict(heard), ticket, nothing, wrong]) == [(0.95, True), (0.95, False)]


def test_a_chinese_font_is_taken_where_there_is_one() -> None:
    assert plot.chinese_font(["DejaVu Sans", "SimHei", "Noto Sans CJK SC"]) == "Noto Sans CJK SC"
    assert plot.chinese_font(["DejaVu Sans"]) is None


@pytest.mark.parametrize("fonts", [plot.FONTS, ()], ids=["with", "without"])
def test_the_picture_is_drawn_with_and_without_a_chinese_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fonts: tuple[str, ...]) -> None:
    monkeypatch.setattr(plot, "FONTS", fonts)
    path = tmp_path / "pictures" / "reliability.png"
    plot.draw_reliability([Bin(0.0, 0.1, 0.05, Share(0, 3)), Bin(0.9, 1.0, 0.97, Share(9, 9))], path)
    assert path.read_bytes()[:4] == b"\x89PNG"
