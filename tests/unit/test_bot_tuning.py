"""The mends of Rasa: the same verdict on every reply of the action server, a wait that ends, values put in as they are, no conversation begun anew."""

from __future__ import annotations

from typing import Any

import pytest
import rasa
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError
from rasa.core.actions import action
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import tuning
from bot.tracker_store import BoundedTrackerStore
from bot.tuning import ACTION_TIMEOUT, UntestedRelease, interpolate

STOCK = action.RemoteAction._validate_action_result
SLOT = {"event": "slot", "name": "region", "value": "370102"}
GOOD: dict[str, Any] = {
    "nothing": {}, "empty": {"events": [], "responses": []}, "responses": {"responses": [{"text": "好"}, {"response": "utter_a", "custom": {"outcome": "answered"}}]},
    "a slot": {"events": [SLOT], "responses": []}, "a slot with a list": {"events": [{**SLOT, "value": ["a", 1]}]}, "a slot without a value": {"events": [{**SLOT, "value": None}]},
    "a follow-up": {"events": [{"event": "followup", "name": "ticket_form"}]}, "a loop": {"events": [{"event": "active_loop", "name": None}]},
    "a key of its own": {"events": [], "responses": [], "note": 1}, "a moment": {"events": [{**SLOT, "timestamp": 1.5}]},
}
BAD: dict[str, Any] = {
    "a list": [], "a text": "ok", "a number": 3, "null": None, "events are no list": {"events": {}}, "events are text": {"events": ["slot"]},
    "an event without a kind": {"events": [{"name": "region"}]}, "an unknown event": {"events": [{"event": "explosion"}]}, "responses are no list": {"responses": {}},
    "a response is text": {"responses": ["好"]}, "responses are null": {"responses": None}, "a slot without a name": {"events": [{"event": "slot", "value": 1}]},
}


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "DEFAULT_REQUEST_TIMEOUT", 300)
    monkeypatch.setattr(action.RemoteAction, "_validate_action_result", STOCK)
    monkeypatch.setattr(Agent, "_create_tracker_store", Agent._create_tracker_store)
    monkeypatch.setattr(MessageProcessor, "handle_message", MessageProcessor.handle_message)
    tuning.apply()


def accepts(check: Any, reply: Any) -> bool:
    try:
        return bool(check(action.RemoteAction("action_consult", None), reply))
    except ValidationError:
        return False


def mend(self: Any, reply: Any) -> bool:
    return tuning._validate_action_result(self, reply)


@pytest.mark.parametrize("reply", GOOD.values(), ids=GOOD)
def test_a_good_reply_is_accepted_as_stock_does(reply: Any) -> None:
    assert (accepts(mend, reply), accepts(STOCK, reply)) == (True, True)


@pytest.mark.parametrize("reply", BAD.values(), ids=BAD)
def test_a_bad_reply_is_refused_as_stock_does(reply: Any) -> None:
    assert (accepts(mend, reply), accepts(STOCK, reply)) == (False, False)


_VALUES = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.sampled_from(["region", "slot", "x"]),
                       lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["event", "name", "value", "text"]), inner, max_size=3),
                       max_leaves=6)
_KINDS = st.sampled_from(["slot", "followup", "active_loop", "bot", "user", "action", "reset_slots", "entities", "restart", "none_such"])
_EVENTS = st.fixed_dictionaries({"event": _KINDS}, optional={key: _VALUES for key in ("name", "value", "timestamp", "text", "data", "entities", "policy", "confidence")})
_REPLIES = st.one_of(_VALUES, st.fixed_dictionaries({}, optional={
    "events": st.lists(_EVENTS | _VALUES, max_size=3) | _VALUES, "responses": st.lists(_VALUES, max_size=2) | _VALUES, "note": _VALUES}))


@settings(max_examples=60, deadline=None)
@given(_REPLIES)
def test_any_reply_is_judged_as_stock_judges_it(reply: Any) -> None:
    assert accepts(mend, reply) is accepts(STOCK, reply)


def test_the_validator_is_built_once() -> None:
    assert tuning.reply_validator() is tuning.reply_validator()


def test_a_refused_reply_says_what_is_wrong(mended: None) -> None:
    with pytest.raises(ValidationError, match="wrong form"):
        action.RemoteAction("action_consult", None)._validate_action_result({"responses": {}})


class Endpoint:
    """An action server that answers at once and remembers what it was asked with."""

    url = "http://actions"

    def __init__(self) -> None:
        self.kwargs: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}

    async def request(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"events": [SLOT], "responses": []}


async def test_the_action_server_is_given_two_and_a_half_seconds(mended: None) -> None:
    endpoint = Endpoint()
    events = await action.RemoteAction("action_consult", endpoint).run(
        CollectingOutputChannel(), None, DialogueStateTracker.from_events("c1", []), Domain.empty())  # type: ignore[arg-type]  # no wording is asked for
    assert endpoint.asked["timeout"] == ACTION_TIMEOUT == 2.5
    assert [event.as_dict()["name"] for event in events] == ["region"]


def test_under_another_release_nothing_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "DEFAULT_REQUEST_TIMEOUT", 300)
    monkeypatch.setattr(action.RemoteAction, "_validate_action_result", STOCK)
    monkeypatch.setattr(rasa, "__version__", "3.6.22")
    with pytest.raises(UntestedRelease, match=r"mends Rasa 3\.6\.21, found 3\.6\.22"):
        tuning.apply()
    assert (action.DEFAULT_REQUEST_TIMEOUT, action.RemoteAction._validate_action_result) == (300, STOCK)


@pytest.mark.parametrize(("response", "values", "told"), [
    ("要带{materials}。", {"materials": "户口簿10[2]{name}"}, "要带户口簿10[2]{name}。"),
    ("{a}和{b}", {"a": "{b}", "b": "乙"}, "{b}和乙"),
    ("{a}", {"a": 0}, "0"),
    ("{gone}了", {"a": "甲"}, "{gone}了"),
    ("没有", {}, "没有"),
], ids=["what looks like a place in a value", "a value is not looked into", "nought", "an unknown name", "no place"])
def test_a_value_is_put_in_as_it_is(response: str, values: dict[str, object], told: str) -> None:
    assert interpolate(response, values) == told


class Away(TrackerStore):
    """A store whose server is away."""

    async def retrieve(self, sender_id: str) -> None:
        raise ConnectionError("away")

    async def save(self, tracker: DialogueStateTracker) -> None:
        raise ConnectionError("away")


async def test_a_conversation_that_cannot_be_read_or_kept_is_a_fault(mended: None) -> None:
    agent = Agent(domain=Domain.empty(), tracker_store=Away(None))
    with pytest.raises(ConnectionError):
        await agent.tracker_store.get_or_create_tracker("c1")
    with pytest.raises(ConnectionError):
        await agent.tracker_store.save(DialogueStateTracker.from_events("c1", []))


def test_a_store_knows_the_domain_and_without_one_there_is_one_in_memory(mended: None) -> None:
    domain, store = Domain.empty(), Away(None)
    assert Agent(domain=domain, tracker_store=store).tracker_store.domain is domain
    assert isinstance(Agent(domain=domain).tracker_store, InMemoryTrackerStore)


class Held(BoundedTrackerStore):
    """A store that knows of one turn."""

    def __init__(self, turn: str, said: list[BotUttered]) -> None:
        self.turn, self.said = turn, said

    async def told_in(self, sender_id: str, turn_id: str) -> list[BotUttered]:
        return self.said if (sender_id, turn_id) == ("c1", self.turn) else []


@pytest.mark.parametrize(("turn_id", "said", "taken"), [
    ("t1", [BotUttered("好", {"custom": {"outcome": "smalltalk"}})], []), ("t2", [BotUttered("好")], ["t2"]), (None, [BotUttered("好")], [None]), ("t1", [], ["t1"]),
], ids=["a repeat", "another turn", "a turn without an id", "nothing was said then"])
async def test_a_turn_that_was_answered_is_not_taken_again(mended: None, monkeypatch: pytest.MonkeyPatch, turn_id: str | None, said: list[BotUttered],
                                                           taken: list[str | None]) -> None:
    turns: list[str | None] = []

    async def take(self: MessageProcessor, message: UserMessage) -> None:
        turns.append(message.metadata["turn_id"])

    monkeypatch.setattr(tuning, "_take_turn", take)
    processor = MessageProcessor.__new__(MessageProcessor)
    processor.tracker_store = Held("t1", said)
    output = CollectingOutputChannel()
    await processor.handle_message(UserMessage("对,提交", output, "c1", metadata={"turn_id": turn_id}))
    assert turns == taken
    assert [message["text"] for message in output.messages if "text" in message] == ([] if taken else ["好"])
