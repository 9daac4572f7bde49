"""What callers of a load run say, turn by turn: questions, a question back, a ticket, its progress, a wish for a person; keys and silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Sequence

QUESTIONS = ("身份证丢了补一个要多少钱", "护照丢了怎么补", "办护照要带什么材料", "怎么提取公积金", "老年证在哪里办", "结婚登记要带什么",
             "营业执照怎么办", "社保卡丢了怎么补")
ROADS = ("解放路", "文化东路", "历山路", "经十路", "泺源大街", "山大路", "和平路", "花园路", "明湖东路", "工业南路", "旅游路")
_SHORT_NUMBERS = ("110", "119", "120", "122")  # an alarm in a house number is another test


@dataclass(frozen=True)
class Step:
    """One turn: words, or keys, or (neither) silence; `first_option` says the first of the choices offered, as words or by its key."""

    text: str = ""
    keys: str = ""
    first_option: bool = False


GO_ON = Step(keys="1")  # to “还要继续听吗？”


@dataclass(frozen=True)
class Script:
    """All turns of one conversation; no two texts of it are alike. Shorter than what one session may say in a minute."""

    name: str
    steps: Sequence[Step]


def houses() -> Iterator[str]:
    """Yield a house number for each caller: five digits, no two alike."""
    return (str(number) for number in range(20_000, 100_000) if not any(short in str(number) for short in _SHORT_NUMBERS))


def web(number: int, house: str) -> Script:
    """Return what the caller of this number types."""
    question, other, road = _matters(number)
    lamp = f"历下区{road}{house}号门口的路灯坏了一个月了没人修，我手机{_phone(house)}"
    scripts = (
        Script("question", _texts(f"我家在{road}{house}号，{question}", other, "没听清，再说一遍", "谢谢你啊")),
        Script("clarify", (Step("我想办个证"), Step(first_option=True), Step("要带什么材料"), Step(other))),
        Script("ticket", _texts("小区门口路灯坏了一个月没人修", f"历下区{road}{house}号", _phone(house), "对，提交", "谢谢你啊")),
        Script("progress", _texts(lamp, "对，提交", "我那个工单办到哪一步了", "催一下这个工单")),
        Script("person", _texts(question, "转人工", f"我在{road}{house}号，还要等多久")),
    )
    return scripts[number % len(scripts)]


def phone(number: int, house: str) -> Script:
    """Return what the caller of this number says and presses."""
    question, other, road = _matters(number)
    scripts = (
        Script("question", (Step(question), Step(other), Step(), Step("再见"))),
        Script("clarify", (Step("我想办个证"), Step(first_option=True), Step(keys="*"), Step(other), Step("再见"))),
        Script("ticket", (Step(f"历下区{road}{house}号门口的路灯坏了一个月了没人修"), Step("对，提交"), Step("我那个工单办到哪一步了"))),
        Script("silence", (Step(), Step(question), Step(), Step(), Step(other))),
        Script("person", (Step(question), Step(keys="0"))),
    )
    return scripts[number % len(scripts)]


def _matters(number: int) -> tuple[str, str, str]:
    """Return two different questions and a road; the shifts keep them from going in step with the scripts."""
    other = number + 1 + number // 5 % (len(QUESTIONS) - 1)
    return QUESTIONS[number % len(QUESTIONS)], QUESTIONS[other % len(QUESTIONS)], ROADS[number // 5 % len(ROADS)]


def _texts(*texts: str) -> tuple[Step, ...]:
    return tuple(map(Step, texts))


def _phone(house: str) -> str:
    return f"138000{house}"
