"""Inside a form: is this message an answer to the question, or something else that comes first?"""

from __future__ import annotations

import re

from actions.turn import Turn

_ENDS = frozenset({"human", "change_mind", "goodbye"})
_ASIDE = frozenset({"repeat", "slower", "ask_capabilities", "bot_challenge", "greet", "thanks", "chitchat", "anger", "out_of_scope"})
_QUESTIONS = frozenset({"ask_item", "ask_policy", "follow_up"})
_SOUNDS_LIKE_A_QUESTION = re.compile(r"[?？]|吗|呢|不$|怎么|什么|多少|多久|几|哪|能不能|可不可以|要不要|用不用")
_HANG_UP = re.compile(r"^(?:算了|不办了|不说了|不报了|不投诉了|不举报了|取消|退出|别记了|不记了|撤了吧|当我没说)|(?:不投诉|不举报|不办|不报|不记|不弄)了[吧啊。!]*$")
_PERSON = re.compile(r"转?(?:接)?人工|找(?:个)?(?:真)?人(?:来)?(?:说|接|聊)|(?:接|转)(?:个)?(?:座席|话务员|接线员|客服)")
END_CONFIDENCE, ASIDE_CONFIDENCE, QUESTION_CONFIDENCE = 0.45, 0.6, 0.35
LONG = 40  # characters; who tells this much tells the matter, however angry


def sounds_like_a_question(text: str) -> bool:
    """Return whether a normalised text asks rather than tells."""
    return bool(_SOUNDS_LIKE_A_QUESTION.search(text))


def interrupts(turn: Turn, question: str | None) -> bool:
    """Return whether the message is to be dealt with before the form goes on.

    `question` is what the form asked last. A description of the matter is taken whatever it sounds like.
    """
    if turn.intent in _ENDS and (turn.confidence >= END_CONFIDENCE or _HANG_UP.search(turn.text) or _PERSON.search(turn.text)):
        return len(turn.text) <= LONG
    if turn.intent in _ASIDE and turn.confidence >= ASIDE_CONFIDENCE:
        return len(turn.text) <= LONG and question not in ("course", "detail")
    asks = turn.intent in _QUESTIONS and turn.confidence >= QUESTION_CONFIDENCE and sounds_like_a_question(turn.text)
    return asks and (turn.match["decision"] == "answer" or (turn.intent == "follow_up" and turn.match["facet"] is not None))
