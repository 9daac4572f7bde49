"""How `hotline evaluate` judges one question."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from cli.checks.rules import Rule, Step
from cli.evaluation.listener import Heard, Listener
from cli.evaluation.questions import BadQuestion, Question, read_questions
from cli.evaluation.verdict import Way, judge, ways_of
from knowledge.model import Candidate

FIRST = Candidate("id-card-reissue", "身份证补领", "item", 0.9, "身份证丢了")
SECOND = Candidate("id-card-renew", "身份证换领", "item", 0.8, "换身份证")
POLICY = Candidate("policy-3545", "3545是什么", "policy", 0.9, "3545")
ITEM = Question("身份证丢了", "item", ("id-card-reissue",))
SURE = Heard("ask_item", "ask_item", 0.9, "answer", None, (FIRST, SECOND), ())
WAYS: dict[str, Way] = {"ask_item": "knowledge", "nlu_fallback": "knowledge", "complain": "ticket", "chitchat": "none"}


def outcome(question: Question, heard: Heard) -> tuple[str, str, bool]:
    verdict = judge(question, heard, WAYS)
    return verdict.route, verdict.outcome, verdict.right


def test_the_answer_from_the_right_item_is_right() -> None:
    assert outcome(ITEM, SURE) == ("item", "answered", True)
    assert outcome(replace(ITEM, codes=("id-card", "id-card-reissue")), SURE) == ("item", "answered", True)


@pytest.mark.parametrize("question", [
    replace(ITEM, codes=("id-card-renew",)), Question("3545", "policy"),
    Question("路灯坏了", "ticket", ticket_type="求助"), Question("讲个笑话", "none"),
], ids=["another item", "policy", "ticket", "nothing"])
def test_an_answer_from_a_wrong_item_is_harmful(question: Question) -> None:
    verdict = judge(question, SURE, WAYS)
    assert (verdict.outcome, verdict.right, verdict.harmful) == ("answered", False, True)


def test_any_policy_answer_is_right_for_a_policy_question() -> None:
    assert outcome(Question("3545", "policy"), replace(SURE, candidates=(POLICY, FIRST))) == ("policy", "answered", True)


def test_asking_back_is_right_when_the_right_one_is_offered() -> None:
    asked = replace(SURE, decision="clarify", choices=("id-card-renew", "id-card-reissue"))
    assert outcome(ITEM, asked) == ("item", "asked back", True)
    assert outcome(ITEM, replace(asked, choices=("id-card-renew",))) == ("item", "asked back", False)
    assert not judge(ITEM, replace(asked, choices=("id-card-renew",)), WAYS).harmful


@pytest.mark.parametrize(("question", "right"), [(ITEM, False), (Question("讲个笑话", "none"), True)], ids=["item", "nothing"])
def test_not_answering_is_right_only_where_nothing_is(question: Question, right: bool) -> None:
    assert outcome(question, replace(SURE, decision="none")) == ("none", "abstained", right)
    assert outcome(question, replace(SURE, intent="chitchat")) == ("none", "abstained", right)


def test_a_ticket_intent_leads_to_a_ticket_whatever_matched() -> None:
    verdict = judge(Question("要投诉", "ticket", ticket_type="投诉"), replace(SURE, intent="complain"), WAYS)
    assert (verdict.route, verdict.outcome, verdict.right, verdict.ticket_type) == ("ticket", "ticket", True, "投诉")
    assert outcome(ITEM, replace(SURE, intent="complain")) == ("ticket", "ticket", False)


def test_an_alarm_comes_before_everything_and_is_never_right_here() -> None:
    assert outcome(Question("讲个笑话", "none"), replace(SURE, alarm="119")) == ("alarm", "alarm", False)


def test_top_one_and_top_three_look_at_candidates_not_at_the_decision() -> None:
    verdict = judge(replace(ITEM, codes=("id-card-renew",)), replace(SURE, decision="none"), WAYS)
    assert (verdict.rank(1), verdict.rank(3)) == (False, True)


def test_the_way_of_an_intent_follows_from_its_rule_outside_forms() -> None:
    def rule(intent: str, action: str, form: str = "") -> Rule:
        return Rule(intent, form, (Step("intent", intent, 1), Step("action", action, 2)), "rules.yml", 1)
    rules = [rule("ask_item", "action_consult"), rule("choose", "action_choose"), rule("complain", "ticket_form"), rule("thanks", "utter_thanks"),
             rule("thanks", "action_consult", form="ticket_form"), rule("progress", "lookup_form")]
    assert ways_of(rules) == {"ask_item": "knowledge", "choose": "knowledge", "complain": "ticket", "thanks": "none", "progress": "none"}


def test_a_listener_tells_what_rasa_and_the_safety_rules_say_and_times_the_parse() -> None:
    times = iter((1.0, 1.25))
    parsed = {"intent": {"name": "ask_item", "confidence": 0.4}, "intent_ranking": [{"name": "follow_up", "confidence": 0.4}],
              "knowledge": {"decision": "clarify", "facet": "fee", "choices": ["id-card-reissue"],
                            "candidates": [asdict(FIRST)]}}
    listener = Listener(lambda text: parsed, lambda text: None, lambda: next(times))
    assert listener.hear("身份证丢了") == Heard("ask_item", "follow_up", 0.4, "clarify", "fee", (FIRST,), ("id-card-reissue",), None, 0.25)


def test_lines_of_even_index_tune_and_the_others_judge(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    first, second = '{"text": "a", "route": "item", "code": "x", "codes": ["x", "y"], "facet": "fee"}', '{"text": "b", "route": "none", "code": null}'
    path.write_text(f"{first}\n{second}\n", encoding="utf-8")
    questions = read_questions(path)
    assert questions == [Question("a", "item", ("x", "y"), "fee", line=1), Question("b", "none", line=2)]
    assert [question.half for question in questions] == ["tuning", "judging"]


@pytest.mark.parametrize("bad", ["{", '{"text": "a"}', "[1]"], ids=["no JSON", "no route", "no object"])
def test_a_line_that_is_no_question_is_named(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f'{{"text": "a", "route": "none"}}\n{bad}\n', encoding="utf-8")
    with pytest.raises(BadQuestion) as raised:
        read_questions(path)
    assert raised.value.line == 2
