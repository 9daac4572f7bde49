"""Inside a form: is this message an answer to the question, or something else that comes first?"""

from __future__ import annotations

import re

from actions.turn import Turn

_ENDS = frozenset({"human", "change_mind", "goodbye"})
_ASIDE = frozenset({"repeat", "slower", "ask_capabilities", "bot_challenge", "greet", "thanks", "chitchat", "anger", "out_of_scope"})
_QUESTIONS = frozenset({"ask_item", "ask_policy", "follow_up"})
_SOUNDS_LIKE_A_QUESTION = re.compile(r"[?？]|吗|呢|不$|怎么|什么|多少|多久|几|哪|能不能|可不可以|要不要|用不用")
_HANG_UP = re.compile(r"^(?:算了|不办了|不说了|不报了|不投诉了|不举报了|取消|退出|别记了|不记了|撤了吧|当我没说)|(?:不投诉|不举报|不办|不报|不记|不弄)了[吧啊。!]*$")
# He takes back the whole wish. 取消匿名 and 不报警 are about something else.
_REFUSAL = re.compile(
    r"(?:不用|别|不要|甭|不必|不想|不愿意?|不)(?:再)?(?:给我|替我|帮我|给俺)?(?:再)?(?:提交|登记|上报|报(?!警|销|名|复)|投诉|举报|反映)(?!我的?|俺的?|名|电话|号|姓)"
    r"|(?:不办|不说|不弄|不记)了|先不(?!要)|先别|算了|取消(?!匿名|保密|实名)|别记了|撤了吧|当我没说|退出"
)
_STILL_WANTS = re.compile(r"匿名|保密|改成|改为|(?<![不别用要])提交吧|还是(?:报|提交|登记)")
_REFUSAL_FIRST = re.compile(rf"^(?:那|那就|我|俺|我说|我看)*(?:{_REFUSAL.pattern})")
# Asked about the ticket that is being told; the form answers these itself.
_ASIDES = (
    ("utter_aside_secret", re.compile(r"(?:保密|匿名|知道是我|查到我|泄露).{0,6}(?:吗|不[?。]?$|[?])|(?:会不会|能不能|真的?能?).{0,4}(?:保密|匿名|泄露|知道是我)")),
    ("utter_aside_term", re.compile(r"(?:那|这个|这|请问|大概|一般|得|要|需要)*(?:多久|几天|多长时间|多少天|什么时候|啥时候)(?:能|可以|才能|给|会|就能)*"
                                    r"(?:办好|办完|办|处理好?|解决|答复|回复|有结果|有信|修好|来人|来)?(?:我)?(?:呢|啊|呀|吗|[?。])*$")),
    ("utter_aside_fee", re.compile(r"(?:那|这个|这|请问)*(?:登记|投诉|反映)?(?:要钱|收钱|收费|花钱)(?:吗|不|呢|[?])+$")),
)
_PERSON = re.compile(r"转?(?:接)?人工|找(?:个)?(?:真)?人(?:来)?(?:说|接|聊)|(?:接|转)(?:个)?(?:座席|话务员|接线员|客服)")
END_CONFIDENCE, ASIDE_CONFIDENCE, QUESTION_CONFIDENCE = 0.45, 0.6, 0.35
ASIDE_LENGTH = 16  # characters of a question put in between
LONG = 40  # characters; who tells this much tells the matter, however angry


def sounds_like_a_question(text: str) -> bool:
    """Return whether a normalised text asks rather than tells."""
    return bool(_SOUNDS_LIKE_A_QUESTION.search(text))


def refuses(text: str, question: str | None) -> bool:
    """Return whether a normalised text says that nothing is to be filed; a matter may tell of something that was cancelled."""
    if len(text) > LONG or _STILL_WANTS.search(text):
        return False
    return bool((_REFUSAL if question == "confirm" else _REFUSAL_FIRST).search(text)) and question != "course" or bool(_HANG_UP.search(text))


def aside(turn: Turn) -> str | None:
    """Return the response to a short question about the ticket being told (会保密吗, 几天能办), None for any other message."""
    if len(turn.text) > ASIDE_LENGTH or turn.match["decision"] == "answer":
        return None
    return next((response for response, pattern in _ASIDES if pattern.search(turn.text)), None)


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
