"""Yes and no, a person, once more, slower, never mind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import conversation
from actions.conversation import SLOW_CHUNK, ActionAffirm, ActionChangeMind, ActionDeny, ActionHandoff, ActionRepeat, slowly
from tests.support.action_fakes import Talk, fake_parts


def talk(monkeypatch: pytest.MonkeyPatch, **slots: Any) -> Talk:
    parts = fake_parts()
    monkeypatch.setattr(conversation, "parts", lambda: parts)
    return Talk(dict(slots))


# --- slower ----------------------------------------------------------------------------------------------------------
LONG = "办理这件事要先到户口所在地的派出所户籍窗口去申请，再填一张申领登记表，然后拍照和采集指纹，最后凭证领取。"


@pytest.mark.parametrize(("text", "lines"), [
    ("好。再见。", ["好。", "再见。"]), ("要带身份证，照片。", ["要带身份证，照片。"]), ("您选哪样？说第几个；都行！", ["您选哪样？", "说第几个；", "都行！"]), ("好", ["好"]), ("", []),
    (LONG, ["办理这件事要先到户口所在地的派出所户籍窗口去申请", "再填一张申领登记表", "然后拍照和采集指纹", "最后凭证领取。"]),
    ("好。" + LONG, ["好。", "办理这件事要先到户口所在地的派出所户籍窗口去申请", "再填一张申领登记表", "然后拍照和采集指纹", "最后凭证领取。"]),
], ids=["sentences", "a short one with a comma", "other marks", "no mark", "nothing", "a long one", "short and long"])
def test_said_slowly_every_clause_has_a_line(text: str, lines: list[str]) -> None:
    assert slowly(text).split("\n") == (lines or [""])


@given(st.text(st.sampled_from("办带证，。？！； 12"), max_size=200))
def test_slowness_loses_no_word(text: str) -> None:
    def bare(said: str) -> str:
        return "".join(char for char in said if char not in "，\n ")

    assert bare(slowly(text)) == bare(text)


@given(st.text(st.sampled_from("办带证，。"), max_size=200))
def test_a_line_is_short_unless_it_has_no_comma_to_cut_at(text: str) -> None:
    assert all(len(line) <= SLOW_CHUNK or "，" not in line for line in slowly(text).split("\n"))


def bot(text: str) -> dict[str, Any]:
    return {"event": "bot", "text": text}


def test_the_last_turn_is_said_again_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch)
    chat.events = [{"event": "user", "text": "你好"}, bot("您好。"), {"event": "user", "text": "要带啥"}, bot("要带身份证。"), bot("不收费。")]
    chat.run(ActionRepeat(), "再说一遍", "repeat")
    assert (chat.response, chat.said[-1]["last"], chat.custom["outcome"]) == ("utter_repeat", "要带身份证。不收费。", "repeated")
    chat.run(ActionRepeat(), "说慢点", "slower")
    assert chat.said[-1]["last"] == "要带身份证。\n不收费。"


def test_before_anything_was_said_there_is_nothing_to_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    assert talk(monkeypatch).run(ActionRepeat(), "再说一遍", "repeat").response == "utter_nothing_to_repeat"


# --- yes and no ------------------------------------------------------------------------------------------------------
def test_yes_to_the_one_choice_answers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, choices=["id-lost"], last_facet="fee").run(ActionAffirm(), "是的", "affirm")
    assert (chat.response, chat.slots["last_item"]) == ("utter_item_fee", "id-lost")


@pytest.mark.parametrize("text", ["好", "行", "转人工吧"])
def test_yes_to_a_person_or_a_ticket_means_the_person_in_one_message(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket").run(ActionAffirm(), text, "affirm")
    assert [message["response"] for message in chat.said] == ["utter_handoff"]
    assert (chat.custom, chat.next_action) == ({"outcome": "handoff", "action": "transfer"}, None)
    assert (chat.slots["offer"], chat.slots["choices"], chat.slots.get("ticket_type")) == (None, None, None)


@pytest.mark.parametrize("text", ["登记工单", "那你给记下来", "好,记一下吧"])
def test_yes_that_names_the_ticket_opens_its_form(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket").run(ActionAffirm(), text, "affirm")
    assert (chat.next_action, chat.slots["ticket_type"], chat.said) == ("ticket_form", "咨询", [])


def test_yes_to_the_one_choice_goes_before_an_older_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, choices=["id-lost"], offer="person_or_ticket", last_facet="fee").run(ActionAffirm(), "好", "affirm")
    assert (chat.response, chat.slots["offer"]) == ("utter_item_fee", None)


@pytest.mark.parametrize(("action", "slots", "response"), [
    (ActionAffirm(), {"choices": ["id-lost", "id-renew"]}, "utter_not_found"), (ActionAffirm(), {}, "utter_nothing_to_confirm"),
    (ActionDeny(), {"choices": ["id-lost"]}, "utter_not_found"), (ActionDeny(), {"offer": "person_or_ticket"}, "utter_anything_else"),
    (ActionDeny(), {}, "utter_anything_else"), (ActionChangeMind(), {}, "utter_nothing_to_cancel"), (ActionChangeMind(), {"ticket_draft": {}}, "utter_nothing_to_cancel"),
    (ActionChangeMind(), {"ticket_draft": {"type": "求助"}}, "utter_cancelled"),
], ids=["yes to two choices", "yes to nothing", "no to a choice", "no to an offer", "no to nothing", "nothing open", "an empty draft", "a draft"])
def test_yes_and_no_to_something_else(monkeypatch: pytest.MonkeyPatch, action: Any, slots: dict[str, Any], response: str) -> None:
    assert talk(monkeypatch, **slots).run(action, "好").response == response


def test_never_mind_forgets_all_that_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, ticket_draft={"type": "求助"}, ticket_type="求助", lookup={"purpose": "urge"}, choices=["id-lost"], offer="person_or_ticket",
                region="370600", last_item="id-lost")
    chat.loop = "ticket_form"
    chat.run(ActionChangeMind(), "算了", "change_mind")
    assert {name for name, value in chat.slots.items() if value is not None} == {"region", "last_item"}
    assert chat.response == "utter_cancelled"


def test_a_person_is_called_with_the_transfer_that_the_phone_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch, offer="person_or_ticket", choices=["id-lost"], ticket_draft={"type": "求助"}).run(ActionHandoff(), "转人工", "human")
    assert chat.custom == {"outcome": "handoff", "action": "transfer"}
    assert (chat.slots["offer"], chat.slots["choices"], chat.slots["ticket_draft"]) == (None, None, {"type": "求助"})
