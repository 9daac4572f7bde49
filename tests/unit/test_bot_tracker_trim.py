"""A trimmed conversation goes on as the whole one does: the same slots, form and last message, and the same next actions."""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.importers.importer import TrainingDataImporter

from bot.tracker_trim import FOLDED_KEPT, TURNS_KEPT, TURNS_MOST, newest_session, trimmed
from core.settings import ROOT

FORMS = ("ticket_form", "lookup_form")
STARTED: tuple[Event, ...] = (ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME))


class _NoStorage(ModelStorage):
    """A policy that is not kept."""

    def write_to(self, resource: Resource) -> Any:
        raise NotImplementedError

    read_from = create = from_model_archive = metadata_from_archive = create_model_package = write_to  # type: ignore[assignment]


class Rules:
    """Rasa's own rule policy, taught the project's rules."""

    def __init__(self) -> None:
        folders = [str(ROOT / "bot" / "rules"), str(ROOT / "bot" / "stories")]
        importer = TrainingDataImporter.load_from_dict({}, domain_path=str(ROOT / "bot" / "domain"), training_data_paths=folders)
        self.domain: Domain = importer.get_domain()
        trackers = TrainingDataGenerator(importer.get_stories(), self.domain).generate()
        config = {**RulePolicy.get_default_config(), "check_for_contradictions": False, "core_fallback_threshold": 0.3,
                  "core_fallback_action_name": "action_default_fallback"}
        context = ExecutionContext(GraphSchema({}), "test")
        self._policy = RulePolicy(config, _NoStorage(), Resource("rules"), context)
        self._policy.persist = lambda: None  # type: ignore[method-assign]
        self._policy.train(trackers, self.domain)
        assert len(self._policy.lookup["rules"]) > 50

    def next(self, tracker: DialogueStateTracker) -> tuple[str, list[Event]]:
        """Return the next action and the events that the prediction brings."""
        prediction = self._policy.predict_action_probabilities(tracker, self.domain)
        return self.domain.action_names_or_texts[prediction.max_confidence_index], list(prediction.events or [])


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


def said(intent: str, number: int) -> UserUttered:
    return UserUttered(f"第{number}句", {"name": intent, "confidence": 1.0}, [], {"text": f"第{number}句", "intent": {"name": intent}, "entities": []},
                       input_channel="web")


def state(tracker: DialogueStateTracker) -> dict[str, Any]:
    """All that Rasa makes of the events, and nothing of the events themselves."""
    return {"slots": tracker.current_slot_values(), "set": {name for name, slot in tracker.slots.items() if slot.has_been_set},
            "loop": asdict(tracker.active_loop) if tracker.active_loop else None, "message": tracker.latest_message and (tracker.latest_message.text, tracker.latest_message.parse_data),
            "action": tracker.latest_action, "follow-up": tracker.followup_action, "paused": tracker.is_paused()}


def loaded(events: list[Event], domain: Domain) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c1", newest_session(events), domain.slots)


class Talk:
    """A conversation that is kept whole, and the same one trimmed after every turn, going on side by side."""

    def __init__(self, rules: Rules, seed: int) -> None:
        self.rules, self.dice = rules, random.Random(seed)
        self.whole: list[Event] = list(STARTED)
        self.short: list[Event] = list(STARTED)
        self.intents = [intent for intent in rules.domain.intents if not intent.startswith(("restart", "back", "session"))]
        self.slots = [slot.name for slot in rules.domain.slots if slot.type_name == "any" or slot.type_name == "text"]
        self.number = 0

    def turn(self, intent: str | None = None) -> None:
        self.number += 1
        whole, short = loaded(self.whole, self.rules.domain), loaded(self.short, self.rules.domain)
        assert state(short) == state(whole)
        self._both(whole, short, [said(intent or self.dice.choice(self.intents), self.number)])
        for _ in range(10):
            action, brought = self.rules.next(whole)
            assert self.rules.next(short) == (action, brought)
            self._both(whole, short, self._done(action, brought, whole))
            assert state(short) == state(whole)
            if action == ACTION_LISTEN_NAME:
                break
        self.whole, self.short = list(whole.events), trimmed(list(short.events))

    def _both(self, whole: DialogueStateTracker, short: DialogueStateTracker, events: list[Event]) -> None:
        for event in events:
            whole.update(event)
            short.update(event)

    def _done(self, action: str, brought: list[Event], tracker: DialogueStateTracker) -> list[Event]:
        """What an action of that name leaves behind; the dice decide what the caller's words were worth."""
        if action in FORMS:
            return self._filled(action, brought, tracker)
        if action == ACTION_LISTEN_NAME:
            return [ActionExecuted(action)]
        if action == "action_deactivate_loop":
            return [*brought, ActionExecuted(action), ActiveLoop(None), SlotSet("requested_slot", None)]
        if action == "action_default_fallback":
            return [*brought, ActionExecuted(action), BotUttered("没听懂"), UserUtteranceReverted()]
        return [*brought, ActionExecuted(action), BotUttered("好"), *(SlotSet(self.dice.choice(self.slots), self.number) for _ in range(2))]

    def _filled(self, form: str, brought: list[Event], tracker: DialogueStateTracker) -> list[Event]:
        if tracker.active_loop_name != form:
            return [*brought, ActionExecuted(form), ActiveLoop(form), SlotSet("requested_slot", "where"), BotUttered("在哪里？")]
        after_an_aside = any(isinstance(event, LoopInterrupted) and event.is_interrupted for event in brought)
        chance = self.dice.random()
        if chance < 0.3 and not after_an_aside and tracker.latest_action_name == ACTION_LISTEN_NAME:
            return [ActionExecutionRejected(form)]
        if chance > 0.95:
            return [*brought, ActionExecuted(form), ActiveLoop(None), SlotSet("requested_slot", None)]
        return [*brought, ActionExecuted(form), SlotSet(self.dice.choice(self.slots), self.number), SlotSet("requested_slot", f"slot {self.number}")]


@pytest.mark.parametrize("seed", range(6))
def test_the_same_next_actions_after_any_number_of_turns(rules: Rules, seed: int) -> None:
    talk = Talk(rules, seed)
    for _ in range(45):
        talk.turn()
    assert sum(isinstance(event, UserUttered) for event in talk.short) <= TURNS_MOST
    assert sum(isinstance(event, UserUttered) for event in talk.whole) == 45


def test_after_a_hundred_turns_the_form_of_the_first_is_still_open_and_nothing_has_grown(rules: Rules) -> None:
    events: list[Event] = [*STARTED, said("report_problem", 1), ActionExecuted("ticket_form"), ActiveLoop("ticket_form"),
                           SlotSet("ticket_type", "求助"), SlotSet("requested_slot", "slot 1"), ActionExecuted(ACTION_LISTEN_NAME)]
    lengths = []
    for number in range(2, 101):
        events += [said("inform", number), SlotSet("ticket_draft", number), ActionExecuted("ticket_form"), SlotSet("requested_slot", f"slot {number}"),
                   BotUttered("还有呢？"), ActionExecuted(ACTION_LISTEN_NAME)]
        events = trimmed(events)
        lengths.append(len(events))
    tracker = loaded(events, rules.domain)
    assert tracker.active_loop_name == "ticket_form"
    assert tracker.active_loop is not None
    assert tracker.active_loop.trigger_message is not None
    assert tracker.active_loop.trigger_message["text"] == "第1句"
    assert (tracker.get_slot("ticket_type"), tracker.get_slot("requested_slot")) == ("求助", "slot 100")
    assert max(lengths) == max(lengths[:40])


def test_a_form_that_is_asked_aside_again_and_again_stays_open_as_it_was_begun(rules: Rules) -> None:
    whole: list[Event] = [*STARTED, said("report_problem", 1), ActionExecuted("ticket_form"), ActiveLoop("ticket_form"),
                          SlotSet("requested_slot", "where"), ActionExecuted(ACTION_LISTEN_NAME)]
    short = list(whole)
    for number in range(2, 61):
        turn = [said("ask_item", number), ActionExecutionRejected("ticket_form"), ActionExecuted("action_consult"), LoopInterrupted(True),
                ActionExecuted("ticket_form"), ActionExecuted(ACTION_LISTEN_NAME)]
        whole, short = [*whole, *turn], trimmed([*short, *turn])
    assert len(short) < len(whole) / 2
    assert state(loaded(short, rules.domain)) == state(loaded(whole, rules.domain))
    assert loaded(short, rules.domain).active_loop_name == "ticket_form"


def test_the_newest_turns_are_untouched() -> None:
    events: list[Event] = list(STARTED)
    for number in range(TURNS_MOST + 1):
        events += [said("greet", number), ActionExecuted("utter_greet"), BotUttered("您好"), ActionExecuted(ACTION_LISTEN_NAME)]
    short = trimmed(events)
    assert short[-4 * TURNS_KEPT:] == events[-4 * TURNS_KEPT:]
    assert sum(isinstance(event, UserUttered) for event in short) == TURNS_KEPT + FOLDED_KEPT


def test_a_paused_conversation_stays_paused(rules: Rules) -> None:
    events: list[Event] = [*STARTED, said("human", 0), ActionExecuted("action_handoff"), ConversationPaused(), ActionExecuted(ACTION_LISTEN_NAME)]
    for number in range(1, 60):
        events = trimmed([*events, said("greet", number), ActionExecuted(ACTION_LISTEN_NAME)])
    assert loaded(events, rules.domain).is_paused()


def test_of_several_sessions_the_newest_is_what_rasas_own_store_gives_back(rules: Rules) -> None:
    events = [SlotSet("region", "370102"), *STARTED, said("greet", 1), ActionExecuted(ACTION_LISTEN_NAME), SlotSet("region", "370103"),
              *STARTED[:2], SlotSet("region", "370103"), ActionExecuted(ACTION_LISTEN_NAME), said("greet", 2), ActionExecuted(ACTION_LISTEN_NAME)]
    store = InMemoryTrackerStore(rules.domain)

    async def stock() -> DialogueStateTracker | None:
        await store.save(DialogueStateTracker.from_events("c1", events, rules.domain.slots))
        return await store.retrieve("c1")

    whole = asyncio.run(stock())
    assert whole is not None
    short = loaded(trimmed(events), rules.domain)
    assert list(short.events) == list(whole.events)
    assert state(short) == state(whole)


def test_a_short_conversation_is_left_as_it_is() -> None:
    events = [*STARTED, said("greet", 1), BotUttered("您好"), ActionExecuted(ACTION_LISTEN_NAME)]
    assert trimmed(events) == events
    assert trimmed([]) == []
