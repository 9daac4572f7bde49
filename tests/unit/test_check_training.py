"""`hotline check` finds what is wrong with training phrases."""

from __future__ import annotations

from pathlib import Path

from cli.checks.domain import Named
from cli.checks.training import Example, read_examples, training_faults
from knowledge.errors import Fault

ASK, COMPLAIN = Named("ask", "intents.yml", 3), Named("complain", "intents.yml", 4)


def phrases(intent: str, count: int = 15) -> list[Example]:
    return [Example(intent, f"{intent}{number}", "a.yml", number + 1) for number in range(count)]


def test_examples_are_read_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text('version: "3.1"\nnlu:\n- intent: ask\n  examples: |\n    - 身份证丢了\n    - 怎么补\n', encoding="utf-8")
    assert read_examples([path]) == [Example("ask", "身份证丢了", "a.yml", 5), Example("ask", "怎么补", "a.yml", 6)]


def test_enough_phrases_of_known_intents_are_right() -> None:
    assert list(training_faults([*phrases("ask"), *phrases("complain")], [ASK, COMPLAIN])) == []


def test_an_unknown_intent_is_a_fault() -> None:
    faults = list(training_faults([*phrases("ask"), Example("gone", "走了", "b.yml", 7)], [ASK]))
    assert faults == [Fault("b.yml", 7, "intent 'gone' is not in the domain")]


def test_fewer_than_15_phrases_are_a_fault_at_the_intent() -> None:
    assert list(training_faults(phrases("ask", 14), [ASK])) == [Fault("intents.yml", 3, "intent 'ask' has 14 training phrases, needs 15")]


def test_a_phrase_under_two_intents_is_a_fault_also_in_another_dialect() -> None:
    examples = [*phrases("ask"), *phrases("complain"), Example("ask", "咋办", "a.yml", 40), Example("complain", "怎么办", "b.yml", 2)]
    assert list(training_faults(examples, [ASK, COMPLAIN])) == [Fault("b.yml", 2, "'怎么办' stands under 'complain' and under 'ask' (a.yml:40)")]


def test_a_phrase_that_normalising_would_change_is_a_fault() -> None:
    wide = "身份证丢了\uff0c咋补"
    faults = list(training_faults([*phrases("ask"), Example("ask", wide, "a.yml", 40)], [ASK]))
    assert [(fault.line, fault.message.startswith("not normalised")) for fault in faults] == [(40, True)]
