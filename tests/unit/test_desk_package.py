"""What the next person is handed, and what a neighbour is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from api.conversations import Conversation, new_message
from api.desk.package import form_of, package_of, privacy_of
from api.desk.privacy import UNKNOWN, Privacy, wished, wishes
from api.desk.transfers import NEIGHBOURS, transfer_of
from api.desk.views import place_name
from api.ports import Key
from tests.support.gateway_fakes import NOW, FakeRegions
from tickets import intake
from tickets.draft import Draft
from tickets.model import Queue, TicketType

MINE, OTHER, CHIEF = Key("k1", "operator", "一号"), Key("k2", "operator", "二号"), Key("k3", "supervisor", "班长")
DRAFT = Draft(TicketType.COMPLAINT, text="小区门口路灯坏了", course="小区门口路灯坏了", where="历下区解放路12号", phone="13812345678", asked=("course",))
SAID = [{**new_message("caller", "我电话13812345678，路灯坏了", NOW), "seq": 1},
        {**new_message("bot", "记下了。", NOW, turn={"outcome": "ticket_form"}), "seq": 2}]


def conversation(**fields: str) -> Conversation:
    kept = {"handoff": json.dumps({"reason": "asked", "skill": "tickets", "since": NOW.isoformat()}), "owner": "operator", "operator": "k1", **fields}
    return Conversation("i" + "0" * 32, "ivr", "operator", "370102", "13900001111", "", kept.get("outcome"), "k1", 2, kept)


def package(key: Key = MINE, draft: Draft | None = DRAFT, **fields: str) -> dict[str, Any]:
    slots = {"ticket_draft": draft.to_dict()} if draft else {}
    return package_of(conversation(**fields), SAID, slots, lambda code: None, FakeRegions(), key)


def test_who_has_the_conversation_gets_everything_in_clear() -> None:
    told = package(mood="angry", elderly="1", note="他问过两次了")
    assert (told["caller"], told["reason"], told["skill"], told["mood"], told["elderly"]) == ("13900001111", "asked", "tickets", "angry", True)
    assert (told["region_name"], told["may_call_back"], told["note"]) == ("济南历下", True, "他问过两次了")
    assert told["form"]["filled"]["联系方式"] == "13812345678"
    assert [message["text"] for message in told["transcript"]] == ["我电话13812345678，路灯坏了", "记下了。"]
    assert all("turn" not in message for message in told["transcript"])


@pytest.mark.parametrize("key", [OTHER, CHIEF])
def test_numbers_are_masked_for_all_others(key: Key) -> None:
    told = package(key)
    assert told["caller"] == "139********"
    assert told["form"]["filled"]["联系方式"] == "138********"


def test_a_form_tells_what_would_still_be_asked() -> None:
    form = form_of({"ticket_draft": DRAFT.to_dict()})
    assert form is not None
    assert (form.type, form.missing) == ("投诉", ("反映对象", "时间"))
    assert [intake.next_question(DRAFT)] == ["who"]


def test_the_form_of_a_special_queue_has_its_own_questions() -> None:
    draft = Draft(TicketType.CONSULTATION, text="预约", queue=Queue.APPOINTMENT)
    form = form_of({"ticket_draft": draft.to_dict()})
    assert form is not None
    assert form.type == "预约"
    assert set(form.missing) == {"办事大厅", "事项", "预约的时间", "联系方式"}


@pytest.mark.parametrize("raw", [None, "x", [], {}, {"type": "投诉"}, {"type": "?", "asked": []}, {**DRAFT.to_dict(), "new": 1}, {**DRAFT.to_dict(), "asked": 7}])
def test_what_cannot_be_read_is_no_form(raw: Any) -> None:
    assert form_of({"ticket_draft": raw}) is None


def test_who_stays_anonymous_is_neither_shown_nor_called_nor_passed_on() -> None:
    hidden = replace(DRAFT, anonymous=True)
    told = package(draft=hidden)
    assert (told["caller"], told["may_call_back"]) == ("139********", False)
    form = form_of({"ticket_draft": hidden.to_dict()})
    passed = transfer_of(conversation(), "12333", NOW, told, form, None, privacy_of(conversation(), {"ticket_draft": hidden.to_dict()}), clear=True)
    assert passed.caller is None
    assert "13812345678" not in json.dumps(passed.payload(), ensure_ascii=False)


def test_who_was_anonymous_stays_so_when_his_ticket_is_open_and_when_nothing_can_be_read() -> None:
    told = package(draft=None, anonymous="1")
    assert (told["caller"], told["may_call_back"]) == ("139********", False)
    unread = package_of(conversation(), SAID, None, lambda code: None, FakeRegions(), MINE)
    assert (unread["caller"], unread["form"], unread["may_call_back"]) == ("139********", None, False)
    for privacy in (privacy_of(conversation(anonymous="1"), {}), privacy_of(conversation(), None)):
        assert privacy.anonymous
        assert transfer_of(conversation(), "12333", NOW, told, None, None, privacy, clear=True).caller is None


@pytest.mark.parametrize(("draft", "fields"), [
    (replace(DRAFT, name="王小明", confidential=True), {}), (replace(DRAFT, name="王小明", type=TicketType.REPORT), {}),
    (replace(DRAFT, name="王小明"), {"confidential": "1"})], ids=["asked for", "a report", "asked for with the ticket before"])
def test_who_wants_confidence_is_told_to_a_neighbour_only_if_he_agrees(draft: Draft, fields: dict[str, str]) -> None:
    slots = {"ticket_draft": draft.to_dict()}
    told, form, privacy = package(draft=draft, **fields), form_of(slots), privacy_of(conversation(**fields), slots)
    assert told["caller"] == "13900001111", "who has the conversation may call him back"
    hidden = transfer_of(conversation(), "12333", NOW, told, form, None, privacy).payload()
    assert (hidden["caller"], {"称呼", "联系方式"} & set(hidden["form"]["filled"])) == (None, set())
    assert not any(word in json.dumps(hidden, ensure_ascii=False) for word in ("王小明", "13812345678", "13900001111"))
    agreed = transfer_of(conversation(), "12333", NOW, told, form, None, privacy, clear=True).payload()
    assert (agreed["caller"], agreed["form"]["filled"]["称呼"], agreed["form"]["filled"]["联系方式"]) == ("13900001111", "王小明", "13812345678")


@pytest.mark.parametrize(("text", "before", "kept"), [
    ("匿名。", "ticket_form", {"anonymous": "1"}), ("不想留电话", "ticket_form", {"anonymous": "1"}), ("我要匿名举报一家饭店", None, {"anonymous": "1"}),
    ("保密，电话13812345678", "ticket_form", {"confidential": "1"}), ("别让他知道是我说的", None, {"confidential": "1"}),
    ("不用匿名了", "ticket_form", {"anonymous": "0"}), ("不用保密", "ticket_form", {"confidential": "0"}),
    ("什么是匿名", "answered", {}), ("身份证丢了", "ticket_form", {})])
def test_what_a_caller_says_of_himself_is_kept(text: str, before: str | None, kept: dict[str, str]) -> None:
    assert wishes(text, before) == kept


def test_a_reporter_is_confidential_until_he_says_that_he_need_not_be() -> None:
    assert wished({"ticket_type": "举报"}) == Privacy(False, True)
    assert wished({"ticket_type": "举报", "confidential": "0", "anonymous": "0"}) == Privacy()
    assert wished({"anonymous": "1"}) == Privacy(True, False)
    assert UNKNOWN == Privacy(True, True)


def test_without_a_form_the_line_decides_about_calling_back() -> None:
    told = package(draft=None)
    assert (told["form"], told["may_call_back"]) == (None, True)


def test_a_transfer_told_again_has_the_same_id_and_another_one_not() -> None:
    told, form = package(), form_of({"ticket_draft": DRAFT.to_dict()})
    first, again = (transfer_of(conversation(), "12333", NOW, told, form, "急", Privacy()) for _ in range(2))
    assert first == again
    assert first.id != transfer_of(conversation(), "12366", NOW, told, form, "急", Privacy()).id
    payload = first.payload()
    assert (payload["to"], payload["caller"], payload["note"], payload["form"]["type"]) == ("12333", "13900001111", "急", "投诉")


def test_no_word_of_a_transfer_shows_where_it_is_printed() -> None:
    passed = transfer_of(conversation(), "12333", NOW, package(), form_of({"ticket_draft": DRAFT.to_dict()}), "张三欠薪", Privacy())
    assert not any(word in repr(passed) for word in ("13900001111", "13812345678", "路灯", "张三"))


def test_the_emergency_numbers_have_words_of_their_own() -> None:
    assert {number for number, neighbour in NEIGHBOURS.items() if neighbour.emergency} == {"110", "119", "120"}
    assert {neighbour.phrase for neighbour in NEIGHBOURS.values()} == {"utter_passed_on", "utter_passed_on_emergency"}


def test_a_place_is_named_with_its_city() -> None:
    assert [place_name(FakeRegions(), code) for code in ("370102", "370100", "370999", None)] == ["济南历下", "济南", None, None]
