"""Answers from the knowledge base when Rasa cannot: plain questions only, and never a guess."""

from __future__ import annotations

import re
from collections import Counter

from api.knowledge.answering import matched, reply_to
from api.phrases import Phrases
from api.ports import Channel, Knowledge, Regions
from api.rasa_client import Answer, Utterance
from knowledge.errors import UnknownItem
from knowledge.model import Match
from zh.normalise import normalise

# The whole sentence must be the wish for a person: 人工流产 and 人工智能 are service items.
_PERSON = re.compile(r"(?:我|俺|请|快)?(?:要|想|给我|帮我|麻烦)*(?:转|转接|接|找|叫|联系)?(?:一下|下|个|到)?"
                     r"(?:人工|真人|人工客服|人工服务|人工坐席|接线员|话务员|客服)(?:服务|客服)?(?:吧|呗|行不行|可以吗)?[。!?,]*")
_GOODBYE = re.compile(r"(?:好的?|行|谢谢你?|谢谢您|没别的事了?|没事了|那就这样吧?|[,。!])*(?:再见|拜拜|挂了)[吧啊了,。!]*")
PHRASES = ("utter_goodbye_ivr", "utter_fault_ticket_offer", "utter_fault_clarify", "utter_transfer_human")

WORTH_ASKING = 0.5  # chance; without the classifier a complaint is told from a question by this alone: below it a ticket is offered


class Fallback:
    """Pure but for the knowledge it is given; blocking, about a millisecond."""

    def __init__(self, knowledge: Knowledge, regions: Regions, phrases: Phrases) -> None:
        self._knowledge = knowledge
        self._regions = regions
        self._phrases = phrases

    def answer(self, text: str, channel: Channel, region: str | None) -> Answer:
        """Return an answered, clarified or handoff turn, else the apology with a ticket offered (outcome fault)."""
        words = normalise(text)
        if _PERSON.fullmatch(words):
            return Answer((Utterance(self._phrases.render("utter_transfer_human", channel)),), "handoff")
        if _GOODBYE.fullmatch(words):
            return Answer((Utterance(self._phrases.render("utter_goodbye_ivr", channel)),), "smalltalk", {"action": "hangup"})
        match, where = matched(self._knowledge, self._regions, words, region)
        try:
            if match.decision == "answer" and match.candidates:
                return self._answered(match, channel, where)
            if match.decision == "clarify" and match.candidates and match.candidates[0].score >= WORTH_ASKING:
                return self._clarified(match, channel)
        except UnknownItem:  # withdrawn between the match and the answer
            pass
        return self.apology(channel)

    def apology(self, channel: Channel) -> Answer:
        """Say honestly that it did not work, and how to leave the request all the same."""
        return Answer((Utterance(self._phrases.render("utter_fault_ticket_offer", channel)),), "fault")

    def _answered(self, match: Match, channel: Channel, where: str | None) -> Answer:
        reply = reply_to(self._knowledge, match, where)
        text = self._phrases.render(reply.response, channel, **reply.values)
        facts = {"item": match.candidates[0].code, "facet": match.facet, "region": where}
        return Answer((Utterance(text, reply.card),), "answered", facts)

    def _clarified(self, match: Match, channel: Channel) -> Answer:
        names = {candidate.code: candidate.name for candidate in match.candidates}
        codes = [code for code in (match.choices or tuple(names)) if code in names][:4]
        shared = Counter(names[code] for code in codes)
        options = tuple(self._knowledge.answerer.place_and_name(code) if shared[names[code]] > 1 else names[code] for code in codes)
        spoken = "、".join(f"{number}，{name}" for number, name in enumerate(options, 1))
        text = self._phrases.render("utter_fault_clarify", channel, names="、".join(options), numbered=spoken)
        return Answer((Utterance(text, options=options),), "clarified")
