"""What may be left out of a long conversation's events without Rasa deciding anything otherwise.

Slots, the active loop and the states that rules look at are replayed from events, so what is cut off leaves a head
behind that replays to the same. Rules look back one caller's turn at most (Rasa's own `restrict_rules`), and turns in
which a form went on are folded into its first one by `applied_events`: after that fold three turns are kept as they were.
"""

from __future__ import annotations

from typing import Iterable, Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

TURNS_KEPT = 10   # callers' turns that stay untouched
TURNS_MOST = 20   # beyond them the conversation is trimmed; the difference spares the work at every turn
FOLDED_KEPT = 3
_STATES = (ActionExecuted, ActionExecutionRejected, ActiveLoop, ConversationPaused, ConversationResumed, UserUttered)


def newest_session(of: Iterable[Event]) -> list[Event]:
    """Return the events from the last session's start on: all that Rasa's own stores give back of a conversation."""
    events = list(of)
    starts = [at for at, event in enumerate(events) if _is_action(event, ACTION_SESSION_START_NAME)]
    return events[starts[-1]:] if starts else events


def trimmed(events: Iterable[Event]) -> list[Event]:
    """Return the newest session, with its older turns folded into a head once it has more than TURNS_MOST of them."""
    session = newest_session(events)
    turns = sum(isinstance(event, UserUttered) for event in session)
    cut = _before_turn(session, TURNS_KEPT) if turns > TURNS_MOST else 0
    if not cut:
        return session
    folded = DialogueStateTracker.from_events("", session[:cut]).applied_events()
    keep = _before_turn(folded, FOLDED_KEPT)
    started = [event for event in session[:cut] if isinstance(event, SessionStarted) or _is_action(event, ACTION_SESSION_START_NAME)]
    return [*started, *_summed_up(folded[:keep]), *_without_idle(folded[keep:]), *session[cut:]]


def _before_turn(events: Sequence[Event], turns: int) -> int:
    """Return where the last `turns` turns of callers begin, just before the bot listened; 0 when there are no more."""
    spoken = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(spoken) <= turns:
        return 0
    return next((at for at in range(spoken[-turns], 0, -1) if _is_action(events[at], ACTION_LISTEN_NAME)), 0)


def _summed_up(events: Sequence[Event]) -> list[Event]:
    """Return what makes the same slots, loop and pause as these events, whose states nobody looks at any more."""
    return [*_loop(events), *_pause(events), *_slots(events)]


def _loop(events: Sequence[Event]) -> list[Event]:
    begun = _last(events, ActiveLoop)
    if begun is None or not events[begun].name:  # type: ignore[attr-defined]  # an ActiveLoop
        return []
    name = events[begun].name  # type: ignore[attr-defined]
    said = _last(events[:begun], UserUttered)  # what began it is part of the loop's state
    refused = next((event for event in reversed(events)
                    if isinstance(event, (ActionExecuted, ActionExecutionRejected)) and event.action_name == name), None)
    return [*([] if said is None else [events[said]]), ActionExecuted(name), events[begun],
            *([refused] if isinstance(refused, ActionExecutionRejected) else [])]


def _pause(events: Sequence[Event]) -> list[Event]:
    paused = next((event for event in reversed(events) if isinstance(event, (ConversationPaused, ConversationResumed))), None)
    return [paused] if isinstance(paused, ConversationPaused) else []


def _slots(events: Iterable[Event]) -> list[Event]:
    """Return what was last set of each slot, after the last time that all were emptied."""
    values: dict[str, Event] = {}
    emptied: list[Event] = []
    for event in events:
        if isinstance(event, AllSlotsReset):
            values, emptied = {}, [event]
        elif isinstance(event, SlotSet):
            values.pop(event.key, None)
            values[event.key] = event
    return [*emptied, *values.values()]


def _without_idle(events: Sequence[Event]) -> list[Event]:
    """Return these events without what leaves no trace in any state: bot's words, and slots set again before anything else happened."""
    kept: list[Event] = []
    since: list[Event] = []
    for event in events:
        if isinstance(event, _STATES):
            kept += [*_slots(since), event]
            since = []
        else:
            since.append(event)
    return kept + _slots(since)


def _last(events: Sequence[Event], kind: type[Event]) -> int | None:
    return next((at for at in range(len(events) - 1, -1, -1) if isinstance(events[at], kind)), None)


def _is_action(event: Event, name: str) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == name
