"""Pipeline step: whose word is taken, the classifier's or the knowledge matcher's."""

from __future__ import annotations

import re
from typing import Any, Mapping

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.knowledge_match import KNOWLEDGE

FALLBACK = "nlu_fallback"
# What people say to pass the time; a caller who names a service item means the item.
SMALL_TALK = frozenset({"chitchat", "greet", "thanks", "goodbye", "out_of_scope", "ask_capabilities", "bot_challenge", "anger",
                        "dont_know", "inform"})
# What becomes a ticket. Asking how to get a gas pipe sounds much like complaining that there is none.
REQUESTS = frozenset({"complain", "report", "request_help", "suggest", "praise", "consult"})
TICKET_ACTS = frozenset({"progress", "urge", "supplement", "withdraw", "rate", "human", "correct", "choose"})
HALF_SURE = 0.5
VERY_SURE = 0.75  # a request intent this sure is not questioned, unless the caller clearly asks
_SAYS_REQUEST = re.compile(r"投诉|举报|反映|建议|表扬|没人管|不管|管管|没人修|曝光|锦旗")
ELLIPTICAL_LENGTH = 12  # characters; a longer text names its own matter


def decide(intent: str | None, confidence: float, knowledge: Mapping[str, Any], text: str, threshold: float,
           overrule: float) -> tuple[str, str]:
    """Return the intent to act on and the reason, for the log.

    `knowledge` is a Match as a dict; `threshold` and `overrule` lie in 0..1.
    """
    best = knowledge["candidates"][0] if knowledge["candidates"] else None
    asking = "ask_policy" if best and best["kind"] == "policy" else "ask_item"
    sure = intent is not None and confidence >= threshold
    if best and best["score"] >= 1.0 and (best["kind"] == "item" or not sure or intent in SMALL_TALK):
        return asking, "the exact name of an item"
    if intent in SMALL_TALK and best and knowledge["decision"] == "answer" and best["score"] >= overrule:
        return asking, "an item is named in small talk"
    if intent in REQUESTS and best and _asks_instead(confidence, knowledge, text):
        return asking, "a question about an item, not a request"
    if intent == "out_of_scope" and confidence < HALF_SURE and knowledge["decision"] == "clarify":
        return asking, "perhaps out of scope, but an item is near"
    if intent in TICKET_ACTS and best and confidence < HALF_SURE and knowledge["decision"] == "answer":
        return asking, "the classifier wavers, an item is named"
    if intent and sure:
        return intent, "the classifier is sure"
    if knowledge["decision"] in ("answer", "clarify"):
        return asking, "the classifier is unsure, an item is near"
    if knowledge["facet"] and len(text) <= ELLIPTICAL_LENGTH:
        return "follow_up", "the classifier is unsure, the text only names a facet"
    return FALLBACK, "neither is sure"


def _asks_instead(confidence: float, knowledge: Mapping[str, Any], text: str) -> bool:
    """Return whether what looks like a request is a question: an item is near, and the caller asks, or the classifier wavers."""
    if _SAYS_REQUEST.search(text) or knowledge["decision"] == "none":
        return False
    if knowledge["facet"]:
        return knowledge["decision"] == "answer" or confidence < VERY_SURE
    return knowledge["decision"] == "answer" and confidence < VERY_SURE


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class IntentDecision(GraphComponent):
    """Rewrites the intent of a message by `decide`; the classifier's own word stays in intent_ranking."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults: see `decide`."""
        return {"threshold": 0.3, "overrule": 0.8}

    def __init__(self, config: dict[str, Any]) -> None:
        self._threshold = float(config["threshold"])
        self._overrule = float(config["overrule"])

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "IntentDecision":
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Decide for each message."""
        for message in messages:
            intent = message.get(INTENT) or {}
            confidence = float(intent.get("confidence") or 0.0)
            name, reason = decide(intent.get("name"), confidence, message.get(KNOWLEDGE), message.get(TEXT) or "",
                                  self._threshold, self._overrule)
            message.set(INTENT, {"name": name, "confidence": confidence, "reason": reason}, add_to_output=True)
        return messages
