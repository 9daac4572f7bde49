"""Five mends of Rasa 3.6.21 that have no door in its configuration; applied when the channel is set up.

1. `RemoteAction._validate_action_result` builds its JSON schema and checks the schema itself at every action, the
   dearest part of a turn (17 of 28 ms measured). The same check runs here with a validator that is built once.
2. `RemoteAction.run` waits five minutes for a hanging action server, and every later turn of that conversation
   waits as long behind its lock. The gateway has given up after 3 s, so the call may give up a little earlier.
3. `interpolate_text` puts values in with two passes and takes a value that holds `0[` for a placeholder left over: the
   caller then hears the bare template. One pass puts each value in as it is.
4. `Agent` wraps the tracker store so that a conversation that cannot be read is begun anew and one that cannot be kept is
   kept in this process: the caller is then asked everything again. Here such a turn fails, and the gateway answers for it.
5. `MessageProcessor.handle_message` knows no repeats: a turn that a dead gateway had asked for already would be taken twice.
   Within the conversation's lock the newest turn is looked at first, and a repeat of it gets the same messages.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Mapping

import rasa
from jsonschema import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from rasa.core.actions import action
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.nlg import interpolator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain

from bot.tracker_store import BoundedTrackerStore

MENDED_RELEASE = "3.6.21"
_PLACE = re.compile(r"{([^\n{}]+?)}")
ACTION_TIMEOUT = 2.5  # seconds; below the gateway's own limit for a turn


class UntestedRelease(Exception):
    """The mends were written against another release of Rasa and must be looked at again."""


@lru_cache(maxsize=1)
def reply_validator() -> Validator:
    """Return the validator of an action server's reply, built once."""
    schema = action.RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: action.RemoteAction, result: dict[str, Any]) -> bool:
    error = next(iter(reply_validator().iter_errors(result)), None)
    if error is not None:
        raise ValidationError(f"{error.message}. The action server's reply has the wrong form.")
    return True


def interpolate(response: str, values: Mapping[str, Any]) -> str:
    """Put each value in its place; a response that names something unknown is returned as it is, as Rasa does."""
    names = _PLACE.findall(response)
    if any(name not in values for name in names):
        return response
    return _PLACE.sub(lambda place: str(values[place.group(1)]), response)


def _create_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
    if store is None:
        return InMemoryTrackerStore(domain)
    store.domain = domain
    return store


_take_turn = MessageProcessor.handle_message


async def _take_turn_once(self: MessageProcessor, message: UserMessage) -> list[dict[str, Any]] | None:
    store, turn_id = self.tracker_store, (message.metadata or {}).get("turn_id")
    told = await store.told_in(message.sender_id, turn_id) if isinstance(store, BoundedTrackerStore) and isinstance(turn_id, str) else []
    if not told or message.output_channel is None:  # a turn in which nothing was said did not succeed
        return await _take_turn(self, message)
    for said in told:
        await message.output_channel.send_response(message.sender_id, said.message())
    return None


def apply() -> None:
    """Put the mends in place; raises UntestedRelease under any other release of Rasa."""
    if rasa.__version__ != MENDED_RELEASE:
        raise UntestedRelease(f"bot/tuning.py mends Rasa {MENDED_RELEASE}, found {rasa.__version__}")
    action.RemoteAction._validate_action_result = _validate_action_result
    action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT
    interpolator.interpolate_text = interpolate
    Agent._create_tracker_store = staticmethod(_create_tracker_store)
    MessageProcessor.handle_message = _take_turn_once
