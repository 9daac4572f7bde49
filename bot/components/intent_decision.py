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
from core.going_on import goes_on, names_type
from core.special_requests import special_request

FALLBACK = "nlu_fallback"
# What people say to pass the time; a caller who names a service item means the item.
SMALL_TALK = frozenset({"chitchat", "greet", "thanks", "goodbye", "out_of_scope", "ask_capabilities", "bot_challenge", "anger",
                        "dont_know", "inform"})
# Words of the conversation itself; they name no item, so one that is named outweighs a wavering classifier.
TURNS = frozenset({"progress", "urge", "supplement", "withdraw", "rate", "human", "correct", "choose", "affirm", "deny", "change_mind",
                   "repeat", "slower", "stay_anonymous"})
# Each of these starts a form that asks for a ticket number and then keeps the turns that follow: a whim must not.
LOOKUPS = frozenset({"progress", "urge", "supplement", "withdraw", "rate"})
# 几天办完 sounds like asking after a ticket; but 能再说一遍吗 is no question about conditions, nor 管 (yes) about a result.
MISHEARD_FACETS = SMALL_TALK | {"progress", "urge", "choose", "supplement"}
# What becomes a ticket. Asking how to get a gas pipe sounds much like complaining that there is none.
REQUESTS = frozenset({"complain", "report", "request_help", "suggest", "praise", "consult"})
VERY_SURE = 0.75  # a request intent this sure is not questioned, unless the caller clearly asks
HALF_SURE = 0.5
CHATTING = 0.35  # small talk and matters beyond us answer nothing; below this the words are looked at as a question
ELLIPTICAL_LENGTH = 12  # characters; a longer text names its own matter
_SAYS_REQUEST = re.compile(r"投诉|举报|反映|建议|表扬|没人管|不管|管管|没人修|曝光|锦旗")
_SAYS_TICKET = re.compile(r"工单|单子|编号|进度|催|上次|之前|反映|投诉|举报|打分|评价|满意|人工|座席")
# An explicit wish outweighs whatever else stands in the sentence, but for asking how it is done. 要, 想 or 得 must be said:
# 我举报的那个厂查了没有 and 举报人的信息保密不 wish for nothing.
_ASKS_HOW = r"怎么|咋|电话|渠道|去哪|找谁|哪里|流程|啥材料|什么|几天|多久|能不能|会不会|有没有|吗"
_WISH = re.compile(rf"^(?:我|俺|我们|俺们|咱|就|那)?(?:要|想|得)(?P<what>投诉|举报)(?!的|.*(?:{_ASKS_HOW}))")
_WISHES = {"投诉": "complain", "举报": "report"}


def decide(intent: str | None, confidence: float, knowledge: Mapping[str, Any], text: str, threshold: float,
           overrule: float) -> tuple[str, str]:
    """Return the intent to act on and the reason, for the log.

    `knowledge` is a Match as a dict; `threshold` and `overrule` lie in 0..1; `text` is normalised.
    """
    best = knowledge["candidates"][0] if knowledge["candidates"] else None
    asking = "ask_policy" if best and best["kind"] == "policy" else "ask_item"
    decision, facet = knowledge["decision"], knowledge["facet"]
    sure = intent is not None and confidence >= threshold
    if goes_on(text) and not names_type(text):
        return "affirm", "the wish to go on is said and nothing else"
    if (queue := special_request(text)) and intent not in ("change_mind", "deny", "withdraw"):
        return ("complain" if queue == "营商环境投诉" else "request_help"), "a special request is made in so many words"
    if (wish := _WISH.match(text)) and intent not in REQUESTS | {"change_mind", "deny"}:
        return _WISHES[wish["what"]], "the wish is said in so many words"
    # An imported item may be called 转人工; whoever surely says so wants a person.
    commands = intent in TURNS | {"goodbye"} and confidence >= VERY_SURE
    if best and not commands and best["score"] >= 1.0 and (best["kind"] == "item" or not sure or intent in SMALL_TALK):
        return asking, "the exact name of an item"
    if intent in SMALL_TALK and not commands and best and decision == "answer" and best["score"] >= overrule:
        return asking, "an item is named in small talk"
    if intent in REQUESTS and best and _asks_instead(confidence, knowledge, text):
        return asking, "a question about an item, not a request"
    if intent in TURNS and best and decision == "answer" and confidence < HALF_SURE:
        return asking, "the classifier wavers, an item is named"
    if intent in TURNS | {"out_of_scope"} and decision == "clarify" and confidence < HALF_SURE and not _SAYS_TICKET.search(text):
        return asking, "the classifier wavers, an item is near"
    if intent in MISHEARD_FACETS and facet and confidence < VERY_SURE and _only_names_a_facet(text):
        return "follow_up", "the text only names a facet"
    if intent in LOOKUPS and confidence < HALF_SURE and not _SAYS_TICKET.search(text):
        return ("follow_up" if facet else FALLBACK), "no ticket is spoken of"
    if intent in ("chitchat", "out_of_scope") and confidence < CHATTING:
        return FALLBACK, "hardly small talk"
    if intent and sure:
        return intent, "the classifier is sure"
    if decision in ("answer", "clarify"):
        return asking, "the classifier is unsure, an item is near"
    if facet and _only_names_a_facet(text):
        return "follow_up", "the classifier is unsure, the text only names a facet"
    return FALLBACK, "neither is sure"


def _only_names_a_facet(text: str) -> bool:
    return len(text) <= ELLIPTICAL_LENGTH and not _SAYS_TICKET.search(text)


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
        return {"threshold": 0.3, "overrule": 0.92}

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
