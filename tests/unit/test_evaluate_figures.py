"""The figures of `hotline evaluate`, counted by hand on a few verdicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cli.evaluation import alarms, intents
from cli.evaluation.alarms import AlarmRow, Call, Mistake
from cli.evaluation.intents import Guess
from cli.evaluation.listener import Heard
from cli.evaluation.measures import MEASURES, Share, by_facet, by_topic, facet_mistakes, percentile, worst
from cli.evaluation.questions import Question
from cli.evaluation.report import Results, markdown
from cli.evaluation.verdict import Verdict, judge
from knowledge.model import Candidate

A = Candidate("a", "甲事项", "item", 0.9, "甲")
B = Candidate("b", "乙事项", "item", 0.7, "乙")
HEARD = Heard("ask_item", "ask_item", 0.9, "answer", "fee", (A, B), ())


def verdict(question: Question, heard: Heard = HEARD) -> Verdict:
    return judge(question, heard, {"ask_item": "knowledge", "complain": "ticket"})


RIGHT = verdict(Question("甲多少钱", "item", ("a",), "fee", line=1))
WRONG = verdict(Question("乙带什么", "item", ("b",), "materials", line=2))
SURER = verdict(Question("笑话", "none", line=3), replace(HEARD, candidates=(replace(A, score=0.95),)))
TICKET = verdict(Question("投诉", "ticket", ticket_type="投诉", line=4), replace(HEARD, intent="complain", facet=None))
MISSED = verdict(Question("丙", "item", ("c",), line=5), replace(HEARD, decision="none"))
ALL = [RIGHT, WRONG, SURER, TICKET, MISSED]


@pytest.mark.parametrize(("name", "share"), [
    ("wrong-answer rate, all questions", Share(2, 5)),
    ("route, all questions", Share(3, 5)),
    ("top-1, item questions", Share(1, 3)),
    ("top-3, item questions", Share(2, 3)),
    ("facet, questions that name one", Share(1, 2)),
    ("answered right, questions with an answer here", Share(1, 3)),
    ("answered wrong, questions with an answer here", Share(1, 3)),
    ("not answered, questions with an answer here", Share(1, 3)),
    ("answered although nothing here is right", Share(1, 2)),
    ("ticket type, ticket questions", Share(1, 1)),
    ("taken for an emergency, all questions", Share(0, 5)),
    ("right item but not the facet asked for", Share(0, 2)),
    ("out-of-scope refused", Share(0, 1)),
])
def test_each_figure_counts_over_its_own_questions(name: str, share: Share) -> None:
    measure = next(measure for measure in MEASURES if measure.name == name)
    assert measure.of(ALL) == share


def test_matters_that_are_not_listed_and_no_matters_at_all_are_refused_apart() -> None:
    unlisted = verdict(Question("某事", "none", note="未收录的事项"), replace(HEARD, decision="none"))
    outside = [verdict(Question("某歌", "none", note="范围外"), heard) for heard in (HEARD, replace(HEARD, intent="chitchat"))]
    shares = {measure.name: measure.of([RIGHT, unlisted, *outside]) for measure in MEASURES}
    assert shares["out-of-scope refused"] == Share(2, 3)
    assert (shares["refused: matters of government not listed"], shares["refused: no matter of government"]) == (Share(1, 1), Share(1, 2))


def test_a_share_is_told_with_its_denominator() -> None:
    assert (str(Share(1, 3)), str(Share(0, 0))) == ("33.3 % (1/3)", "–")


def test_the_worst_failures_are_wrong_answers_the_surest_first() -> None:
    assert worst(ALL, 25) == [SURER, WRONG, MISSED]
    assert worst(ALL, 1) == [SURER]


def test_item_questions_are_grouped_by_topic_the_largest_first() -> None:
    assert by_topic(ALL, {"a": "户籍", "b": "社保", "c": "社保"}) == {"社保": [WRONG, MISSED], "户籍": [RIGHT]}


def test_facets_are_grouped_and_their_mistakes_named() -> None:
    groups = by_facet(ALL)
    assert groups == {"fee": [RIGHT], "materials": [WRONG]}
    assert facet_mistakes(groups["materials"]) == [("fee", 1)]


def test_a_percentile_is_the_value_below_which_that_share_lies() -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], 0.99) == 100.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    with pytest.raises(ValueError):
        percentile([], 0.5)


GUESSES = [Guess("一", "ask", "ask", "ask", 0.9), Guess("二", "ask", "rate", "ask", 0.2), Guess("三", "urge", "rate", "rate", 0.3),
           Guess("四", "urge", "rate", "rate", 0.6), Guess("五", "rate", "ask", "ask", 0.1)]


def test_intents_are_counted_for_the_classifier_and_after_the_decision() -> None:
    assert intents.accuracy(GUESSES) == (Share(1, 5), Share(2, 5))


def test_the_most_confused_pairs_come_first() -> None:
    assert intents.confusions(GUESSES, 10) == [("urge", "rate", 2), ("rate", "ask", 1)]
    assert intents.confusions(GUESSES, 1) == [("urge", "rate", 2)]


def test_the_best_threshold_keeps_the_most_right_minus_wrong() -> None:
    points = intents.curve(GUESSES, (0.0, 0.25, 0.5, 0.7))
    assert [(point.kept, point.right) for point in points] == [
        (Share(5, 5), Share(1, 5)), (Share(3, 5), Share(1, 3)), (Share(2, 5), Share(1, 2)), (Share(1, 5), Share(1, 1))]
    assert intents.best_threshold(points).threshold == 0.7


def test_of_equally_good_thresholds_the_lowest_is_taken() -> None:
    assert intents.best_threshold(intents.curve([GUESSES[0]], (0.1, 0.5))).threshold == 0.1


@dataclass(frozen=True)
class Rung:
    kind: str
    also: tuple[str, ...] = ()


def detect(text: str) -> Rung | None:
    return {"着火": Rung("119"), "撞车": Rung("122", ("120",)), "验收": Rung("119")}.get(text)


def test_missed_false_and_misdirected_alarms_are_counted_apart() -> None:
    calls = [Call("judge", "119", "着火"), Call("judge", "119", "冒烟"), Call("judge", "120", "撞车"), Call("judge", "110", "着火"),
             Call("judge", alarms.LOOKALIKE, "验收"), Call("judge", alarms.LOOKALIKE, "笑死")]
    rows, mistakes = alarms.measure(calls, detect)
    assert rows == [AlarmRow("judge", "119", Share(1, 2), Share(0, 2)), AlarmRow("judge", "120", Share(0, 1), Share(0, 1)),
                    AlarmRow("judge", "110", Share(0, 1), Share(1, 1)), AlarmRow("judge", alarms.LOOKALIKE, Share(1, 2), Share(0, 2))]
    assert mistakes == [Mistake(calls[1], None), Mistake(calls[3], "119"), Mistake(calls[4], "119")]
    assert (alarms.missed(rows, "judge"), alarms.raised(rows, "judge")) == (Share(1, 4), Share(1, 2))


def test_calls_are_read_from_every_half(tmp_path: Path) -> None:
    for half in ("judge", "written"):
        (tmp_path / half).mkdir()
        (tmp_path / half / "alarms.yml").write_text('- {text: "着火", kind: "119"}\n', encoding="utf-8")
    (tmp_path / "judge" / "lookalikes.yml").write_text("lookalikes:\n  - text: 验收\n", encoding="utf-8")
    assert alarms.read_calls(tmp_path) == [Call("judge", "119", "着火"), Call("judge", alarms.LOOKALIKE, "验收"), Call("written", "119", "着火")]


NOISY = [verdict(Question("甲多少前", "item", ("a",), note="同音", line=1)), verdict(Question("已带什么", "item", ("b",), note="错字", line=2))]


def report(mistakes: list[Mistake]) -> str:
    rows = [AlarmRow(half, "119", Share(1, 1), Share(0, 1)) for half in ("judge", "written")]
    return markdown(Results({"model": "abc"}, ALL, GUESSES, rows, mistakes, {"a": "户籍", "b": "社保", "c": "社保"},
                            NOISY, {1: 0, 2: None, 5: None}))


def test_the_report_says_first_that_the_command_wrote_it_and_holds_the_figures() -> None:
    lines = report([]).splitlines()
    assert lines[0] == "<!-- Written by `hotline evaluate`; changes by hand are lost. -->"
    assert "| wrong-answer rate, all questions | 40.0 % (2/5) | 33.3 % (1/3) | 50.0 % (1/2) |" in lines
    assert "| judging | 乙带什么 | b | answered: 甲事项 0.90, by “甲” |" in lines
    assert "| urge | rate | 2 |" in lines


def test_calls_of_the_half_that_only_judges_are_not_shown() -> None:
    text = report([Mistake(Call("judge", "119", "我家烧了"), None), Mistake(Call("written", "119", "冒烟了"), None)])
    assert "| written | 119 | nothing | 冒烟了 |" in text
    assert "我家烧了" not in text


def test_topic_facet_and_kind_of_noise_are_told_with_their_worst_failures() -> None:
    lines = report([]).splitlines()
    found = {line.split(" | ")[0].removeprefix("| "): line for line in lines}
    assert "“乙带什么” answered: 甲事项 0.90, by “甲”<br>“丙” abstained: ask_item" in found["社保"]
    assert found["户籍"].endswith("| – |")
    assert found["materials"].endswith("| “乙带什么” fee |")
    assert found["错字"].endswith("| “已带什么” answered: 甲事项 0.90, by “甲” |")
    assert found["同音"].startswith("| 同音 | 100.0 % (1/1) |")


def test_questions_back_and_chances_are_told_by_half() -> None:
    lines = report([]).splitlines()
    assert "| mean number of questions back | 0.00 (0/1) | 0.00 (0/1) | – |" in lines
    assert "| the right item is out of reach | 66.7 % (2/3) | 50.0 % (1/2) | 100.0 % (1/1) |" in lines
    assert "| 0.9–1.0 | 0.90 | 0.0 % (0/1) |" in lines
