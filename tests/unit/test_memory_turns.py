"""What a conversation teaches: choices after a question back, answers that were rejected, questions that found nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions import consult, conversation
from actions.consult import ActionChoose, ActionConsult
from actions.conversation import ActionAffirm, ActionDeny
from actions.remembering import codes_in, remember
from tests.support.action_fakes import RecordingMemory, Talk, fake_parts, matched, turn

BOTH = matched("clarify", "id-lost", 0.45, choices=("id-lost", "id-renew"))
ONE = matched("clarify", "id-lost", 0.45, choices=("id-lost",))


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> RecordingMemory:
    parts = fake_parts()
    for module in (consult, conversation):
        monkeypatch.setattr(module, "parts", lambda: parts)
    return parts.memory  # type: ignore[no-any-return]


def asked_back(match: dict[str, Any] = BOTH) -> Talk:
    return Talk().run(ActionConsult(), "身份证那事儿咋弄", "ask_item", match=match)


def test_a_choice_teaches_the_words_that_led_to_the_question(memory: RecordingMemory) -> None:
    chat = asked_back().run(ActionChoose(), "第二个", "choose")
    assert chat.custom["item"] == "id-renew"
    assert memory.told == [("pick", "身份证那事儿咋弄", "id-renew", "choice")]


def test_a_follow_up_in_between_loses_nothing_and_teaches_nothing_more(memory: RecordingMemory) -> None:
    chat = asked_back().run(ActionConsult(), "多少钱呢", "follow_up", match=matched(facet="fee")).run(ActionChoose(), "第二个", "choose")
    chat.run(ActionConsult(), "那要多少钱", "follow_up", match=matched(facet="fee"))
    assert memory.told == [("pick", "身份证那事儿咋弄", "id-renew", "choice")]


def test_yes_to_the_one_choice_teaches_it_and_no_is_a_miss(memory: RecordingMemory) -> None:
    asked_back(ONE).run(ActionAffirm(), "是的", "affirm")
    asked_back(ONE).run(ActionDeny(), "不是", "deny")
    assert memory.told == [("pick", "身份证那事儿咋弄", "id-lost", "choice"), ("miss", "身份证那事儿咋弄")]


def test_none_of_the_choices_is_a_miss_of_the_words_asked(memory: RecordingMemory) -> None:
    asked_back().run(ActionChoose(), "都不是", "choose")
    assert memory.told == [("miss", "身份证那事儿咋弄")]


def test_another_matter_after_a_question_back_teaches_nothing(memory: RecordingMemory) -> None:
    asked_back().run(ActionConsult(), "高龄津贴咋领", "ask_item", match=matched("answer", "allowance"))
    assert memory.told == []


def test_what_found_nothing_is_a_miss(memory: RecordingMemory) -> None:
    Talk().run(ActionConsult(), "养龙虾要啥证", "ask_item", match=matched())
    assert memory.told == [("miss", "养龙虾要啥证")]


@pytest.mark.parametrize("with_the_rejection", [True, False])
def test_a_right_answer_after_a_rejected_one_corrects_the_words_asked_first(memory: RecordingMemory, with_the_rejection: bool) -> None:
    chat = Talk().run(ActionConsult(), "身份证到日子了", "ask_item", match=matched("answer", "id-lost"))
    if with_the_rejection:
        chat.run(ActionConsult(), "不对,我问的是身份证换领", "correct", match=matched("answer", "id-renew"))
    else:
        chat.run(ActionDeny(), "不是这个", "deny").run(ActionConsult(), "身份证换领", "ask_item", match=matched("answer", "id-renew"))
    assert memory.told == [("pick", "身份证到日子了", "id-renew", "correction")]


def test_a_choice_that_is_rejected_is_taken_back(memory: RecordingMemory) -> None:
    asked_back().run(ActionChoose(), "第二个", "choose").run(ActionDeny(), "不对", "deny")
    assert memory.told == [("pick", "身份证那事儿咋弄", "id-renew", "choice"), ("take_back", "身份证那事儿咋弄", "id-renew")]


def test_no_thanks_after_an_answer_rejects_nothing(memory: RecordingMemory) -> None:
    chat = asked_back().run(ActionChoose(), "第二个", "choose").run(ActionDeny(), "不用了", "deny")
    chat.run(ActionConsult(), "高龄津贴咋领", "ask_item", match=matched("answer", "allowance"))
    assert memory.told == [("pick", "身份证那事儿咋弄", "id-renew", "choice")]


def test_a_memory_that_breaks_leaves_the_turn_as_it_was() -> None:
    class Broken(RecordingMemory):
        def miss(self, conversation: str, text: str) -> None:
            raise RuntimeError("gone")

    tracker: Any = SimpleNamespace(get_slot=lambda name: None)
    assert remember(Broken(), tracker, turn("养龙虾要啥证"), [{"custom": {"outcome": "not_found"}}], []) == []


@pytest.mark.parametrize("choices", [
    ["a", "b"], [{"say": "补领", "codes": ["a"]}, {"say": "换领", "codes": ["b"]}], {"options": [{"codes": ["a", "b"]}]}, {"by": "action", "options": ["a", "b"]},
])
def test_codes_are_found_in_choices_of_every_form(choices: Any) -> None:
    assert codes_in(choices) == {"a", "b"}
    assert codes_in(None) == frozenset()
