"""How actions speak: one named response, its values, and the custom data that the gateway relays."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from knowledge.model import Reply


def say(dispatcher: CollectingDispatcher, response: str, outcome: str, *, values: dict[str, str] | None = None, **custom: Any) -> None:
    """Utter `response` from bot/domain with `values`; `custom` keys: item, facet, region, card, options, ticket_type, ticket, action,
    unanswered (the item is known, what was asked of it is not), draft ("dropped")."""
    data = {"outcome": outcome, **{key: value for key, value in custom.items() if value is not None}}
    dispatcher.utter_message(response=response, json_message=data, **(values or {}))


def say_reply(dispatcher: CollectingDispatcher, reply: Reply, outcome: str, **custom: Any) -> None:
    """Utter what knowledge answers, with its card."""
    say(dispatcher, reply.response, outcome, values=reply.values, card=reply.card, **custom)
