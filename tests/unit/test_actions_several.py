"""Several requests in one utterance: told in turn, asked which comes first, the next offered, anything else dealt with as usual."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions import consult, conversation, several
from actions.consult import ActionChoose, ActionConsult
from actions.conversation import ActionAffirm, ActionChangeMind, ActionDeny
from knowledge.model import Candidate, Match
from tests.support.action_fakes import Talk, fake_parts, matched

TWO, THREE = "身份证丢了多少钱，还有医疗费怎么报销", "身份证丢了多少钱，还有医疗费怎么报销，另外身份证过期了"
OTHERS = {
    "医疗费怎么报销": Match("answer", "fee", (Candidate("claim", "医疗费用手工报销", "item", 0.95, "医疗费怎么报销"),)),
    "高龄津贴": Match("clarify", None, (Candidate("allowance", "高龄津贴", "item", 0.7, "高龄津贴"),), ("allowance",)),
    "身份证过期了": Match("clarify", "fee", (Candidate("id-renew", "居民身份证换领", "item", 0.5, "身份证过期了"),
                                      Candidate("allowance", "高龄津贴", "item", 0.4, "高龄津贴")), ("id-renew", "allowance")),
}


def talk(monkeypatch: pytest.MonkeyPatch, **slots: Any) -> Talk:
    parts = fake_parts()
    parts.knowledge.matcher = SimpleNamespace(match=lambda text: OTHERS[text])
    monkeypatch.setattr(consult, "parts", lambda: parts)
    monkeypatch.setattr(conversation, "parts", lambda: parts)
    return Talk(dict(slots))


def ask(monkeypatch: pytest.MonkeyPatch, text: str, *others: str, loop: str | None = None, facet: str | None = "fee") -> Talk:
    chat = talk(monkeypatch)
    chat.loop = loop
    return chat.run(ActionConsult(), text, "ask_item", match=matched("answer", "id-lost", facet=facet) | {"others": others})


def responses(chat: Talk) -> list[str]:
    return [message["response"] for message in chat.said]


def which(monkeypatch: pytest.MonkeyPatch) -> Talk:
    return ask(monkeypatch, THREE, "医疗费怎么报销", "身份证过期了")


def test_two_sure_requests_are_told_one_after_the_other_each_with_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ask(monkeypatch, TWO, "医疗费怎么报销")
    assert responses(chat) == ["utter_several_first", "utter_item_fee", "utter_several_then", "utter_item_fee"]
    assert (chat.said[0]["first"], chat.said[1]["amount"], chat.said[2]["next"], chat.said[3]["amount"]) == (
        "居民身份证丢失补领", "每证40元", "医疗费用手工报销", "每笔1元")
    assert [message["custom"]["card"]["code"] for message in chat.said if "card" in message["custom"]] == ["id-lost", "claim"]
    assert (chat.slots["last_item"], chat.slots["pending"], chat.slots["asked"]) == ("claim", None, None)


def test_without_a_facet_the_first_of_two_asks_nothing_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = SimpleNamespace(response="utter_item_process")
    request = several.Request("补", ("id-lost",), None, matched("answer", "id-lost"))
    turn: Any = SimpleNamespace(region="370100")
    known: Any = SimpleNamespace(knowledge=SimpleNamespace(answerer=SimpleNamespace(about=lambda *_: reply)))
    assert several._facet(turn, known, request) == "process"
    reply.response = "utter_facet_unknown_here"
    assert several._facet(turn, known, request) is None


def test_three_are_asked_which_first(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = which(monkeypatch)
    assert (responses(chat), chat.said[0]["count"], chat.custom["outcome"]) == (["utter_several_which"], "三", "clarified")
    assert chat.custom["options"] == ["居民身份证丢失补领", "医疗费用手工报销", "身份证过期了"]
    assert (chat.slots["offer"], len(chat.slots["pending"])) == (several.OFFER_FIRST, 3)


def test_two_of_which_one_is_vague_are_asked_which_first(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ask(monkeypatch, TWO, "身份证过期了")
    assert (chat.response, chat.said[0]["count"]) == ("utter_several_which", "两")


@pytest.mark.parametrize(("text", "intent", "action", "item"), [
    ("第二个", "choose", ActionChoose(), "claim"), ("医疗费的", "inform", ActionConsult(), "claim"), ("第一个", "choose", ActionChoose(), "id-lost"),
    ("好", "affirm", ActionAffirm(), "id-lost"), ("都行", "affirm", ActionAffirm(), "id-lost"), ("挨个说吧", "inform", ActionConsult(), "id-lost"),
    ("医疗费用手工报销", "ask_item", ActionConsult(), "claim"),
])
def test_the_one_that_is_wanted_first_is_told_and_the_next_offered(monkeypatch: pytest.MonkeyPatch, text: str, intent: str, action: Any, item: str) -> None:
    chat = which(monkeypatch).run(action, text, intent)
    assert responses(chat) == ["utter_item_fee", "utter_several_next"]
    assert (chat.custom["outcome"], chat.custom["item"], chat.custom["options"]) == ("answered", item, list(several.YES_NO))
    assert (chat.slots["offer"], len(chat.slots["pending"])) == (several.OFFER_NEXT, 2)


@pytest.mark.parametrize(("text", "intent", "action"), [
    ("是", "affirm", ActionAffirm()), ("好的", "affirm", ActionAffirm()), ("下一个", "choose", ActionChoose()), ("现在说", "inform", ActionConsult()),
    ("说吧", "follow_up", ActionConsult()),
])
def test_yes_goes_on_until_all_are_told(monkeypatch: pytest.MonkeyPatch, text: str, intent: str, action: Any) -> None:
    chat = which(monkeypatch).run(ActionChoose(), "第一个", "choose").run(action, text, intent)
    assert (responses(chat), chat.custom["item"], len(chat.slots["pending"])) == (["utter_item_fee", "utter_several_next"], "claim", 1)
    chat.run(action, text, intent)
    assert (chat.response, chat.slots["pending"]) == ("utter_clarify", None)  # the vague one, asked back about


def test_a_vague_one_is_asked_back_about_and_the_next_offered_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = which(monkeypatch).run(ActionChoose(), "第三个", "choose")
    assert (chat.response, len(chat.slots["choices"]), len(chat.slots["pending"])) == ("utter_clarify", 2, 2)
    chat.run(ActionChoose(), "第一个", "choose")
    assert (responses(chat), chat.custom["item"]) == (["utter_item_fee", "utter_several_next"], "id-renew")
    assert (chat.slots["choices"], chat.slots["offer"], len(chat.slots["pending"])) == (None, several.OFFER_NEXT, 2)


def test_a_likely_record_that_was_hardly_named_is_asked_about_with_yes_and_no(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ask(monkeypatch, TWO, "高龄津贴").run(ActionChoose(), "第二个", "choose")
    assert (chat.response, chat.custom["options"]) == ("utter_clarify_one", ["是的", "不是"])
    chat.run(ActionAffirm(), "是的", "affirm")
    assert (chat.custom["item"], chat.response, chat.slots["offer"]) == ("allowance", "utter_several_next", several.OFFER_NEXT)


@pytest.mark.parametrize(("text", "intent", "action", "match", "response"), [
    ("不用了", "deny", ActionDeny(), matched(), "utter_anything_else"),
    ("那要多少钱呢", "follow_up", ActionConsult(), matched(facet="fee"), "utter_item_fee"),
    ("身份证换领要多少钱", "ask_item", ActionConsult(), matched("answer", "id-renew", 0.9, "fee"), "utter_item_fee"),
    ("去美国的签证怎么办", "ask_item", ActionConsult(), matched(), "utter_not_found"),
])
def test_anything_else_is_dealt_with_as_usual_and_drops_what_is_open(monkeypatch: pytest.MonkeyPatch, text: str, intent: str, action: Any,
                                                                     match: dict[str, Any], response: str) -> None:
    chat = ask(monkeypatch, TWO, "高龄津贴").run(ActionChoose(), "第一个", "choose").run(action, text, intent, match=match)
    assert (chat.response, chat.slots["pending"]) == (response, None)
    assert chat.slots["offer"] != several.OFFER_NEXT
    chat.run(ActionAffirm(), "好", "affirm")
    assert chat.custom.get("item") != "allowance"


def test_never_mind_drops_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = which(monkeypatch).run(ActionChangeMind(), "算了", "change_mind")
    assert (chat.slots["pending"], chat.slots["offer"]) == (None, None)


def test_inside_a_form_nothing_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ask(monkeypatch, THREE, "医疗费怎么报销", "身份证过期了", loop="ticket_form")
    assert (responses(chat), chat.slots.get("pending")) == (["utter_item_fee"], None)


def test_what_is_one_record_after_all_is_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OTHERS, "身份证补办", Match("answer", "fee", (Candidate("id-lost", "居民身份证丢失补领", "item", 0.9, "身份证补办"),)))
    assert responses(ask(monkeypatch, TWO, "身份证补办")) == ["utter_item_fee"]
