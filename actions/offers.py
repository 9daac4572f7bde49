"""What is offered where there is no answer: a person, or a ticket."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.speech import say

OFFER_PERSON_OR_TICKET = "person_or_ticket"
OFFERED = ("转人工", "登记工单")  # in this order on the buttons, so 第二个 is the ticket


def handoff(dispatcher: CollectingDispatcher) -> list[EventType]:
    """Pass the caller to a person."""
    say(dispatcher, "utter_handoff", "handoff", action="transfer")
    return [SlotSet("offer", None), SlotSet("choices", None)]
