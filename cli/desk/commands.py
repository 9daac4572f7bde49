"""What the person at the desk writes and presses, as steps of the desk."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Callable, Mapping

from cli.desk.hearing import presence
from cli.desk.model import Asked, Desk, Fill, Next, Quit, Send, Step
from cli.desk.words import TARGET_NAMES, TARGETS

LIMIT = 2000
TYPING_EVERY_S = 3.0
_NARROW = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0F, 0xFF1F)} | {0x3000: 0x20}
_UNHELD = "还没有接入会话，按 F2 接入。"


def enter(desk: Desk, line: str) -> Step:
    """Take the line: a command, or words for the caller; an empty one confirms what was asked for. A line that cannot be used is given back."""
    text = line.strip()
    desk = replace(desk, typed=False, leaving=False)
    if not text:
        return _confirmed(desk)
    desk = replace(desk, confirming=None)
    command = text.translate(_NARROW).lstrip("/、").strip()
    for pattern, act in _COMMANDS:
        if found := pattern.fullmatch(command):
            return act(desk, *(group or "" for group in found.groups()))
    if text.translate(_NARROW).startswith("/"):
        return desk.tell("没有这个命令，按 F1 看帮助。"), (Fill(line),)
    return say(desk, text)


def say(desk: Desk, text: str) -> Step:
    """Send words to the caller in the middle."""
    talk = desk.talk(desk.current)
    if talk is None or not talk.mine:
        return desk.tell("这个会话已不在您这里，没有送出。" if talk else _UNHELD), (Fill(text),)
    if len(text) > LIMIT:
        return desk.tell(f"一次最多 {LIMIT} 个字，请分几次说。"), (Fill(text),)
    desk = replace(desk.put(replace(talk, seen=talk.last_seq, item="")), notice="", scroll=0)
    more = (("text", text), ("client_message_id", f"{desk.prefix}-{desk.count + 1}"), *((("item", talk.item),) if talk.item else ()))
    return _ask(desk, Asked("", "say", talk.id, more, after=talk.last_seq))


def take(desk: Desk, place: str = "") -> Step:
    """Claim the best of the line, or the one at a place in it."""
    if not place:
        wish = {"skills": list(desk.skills), "region": desk.region}
        return desk, (Next({name: value for name, value in wish.items() if value}),)
    number = int(place)
    if not 1 <= number <= len(desk.waiting):
        return desk.tell(f"队列里没有第 {number} 位。"), ()
    return _ask(desk, Asked("", "claim", desk.waiting[number - 1].id))


def suggest(desk: Desk, number: str) -> Step:
    """Put a suggestion into the input line, behind what stands there, for the person to change and send."""
    talk = desk.talk(desk.current)
    if talk is None or int(number) > len(talk.suggestions):
        return desk.tell("没有这一条建议。"), ()
    chosen = talk.suggestions[int(number) - 1]
    return desk.put(replace(talk, item=chosen.item)), (Fill(chosen.text, add=True),)


def switch(desk: Desk, number: str) -> Step:
    """Bring another conversation to the middle."""
    if not 1 <= int(number) <= len(desk.talks):
        return desk.tell(f"没有第 {int(number)} 个会话。"), ()
    return desk.show(desk.talks[int(number) - 1].id).tell(""), ()


def turn(desk: Desk, by: int) -> Step:
    """Go on to the next conversation, or back (`by` -1)."""
    ids = [talk.id for talk in desk.talks]
    if not ids:
        return desk, ()
    place = ids.index(desk.current) + by if desk.current in ids else 0
    return desk.show(ids[place % len(ids)]).tell(""), ()


def give_back(desk: Desk, note: str = "") -> Step:
    return _confirm(desk, "return", "交还给智能助手", (("note", note),))


def end(desk: Desk, reason: str = "") -> Step:
    talk = desk.talk(desk.current)
    if talk and not talk.mine:
        return desk.drop(talk.id).tell(""), ()
    return _confirm(desk, "end", "结束会话", (("reason", reason),))


def transfer(desk: Desk, target: str, rest: str) -> Step:
    """Hand the caller on; into the line with a skill where the first word of the rest is one."""
    to, skill = TARGETS[target], ""
    if to == "queue" and (found := re.fullmatch(r"([a-z][a-z-]{0,30})(?:\s+(.*))?", rest)):
        skill, rest = found[1], found[2] or ""
    return _confirm(desk, "transfer", f"转接到{TARGET_NAMES[to]}", (("to", to), ("skill", skill), ("note", rest)))


def begin_transfer(desk: Desk) -> Step:
    """Begin the command in the input line."""
    if desk.typed:
        return desk.tell("输入行里还有话，先发出去或者清空，再转接。"), ()
    return desk.tell("转接到哪里？12333、12366、12329、12315、110、119、120、排队"), (Fill("转接 "),)


def rest(desk: Desk, ready: bool) -> Step:
    """Pause, or be ready again."""
    desk = replace(desk, ready=ready).tell("就绪，有人来会响铃。" if ready else "已暂停，手上的会话照常。")
    return desk, (Send(presence(desk)),)


def toggle(desk: Desk) -> Step:
    return rest(desk, not desk.ready)


def ask_help(desk: Desk) -> Step:
    return replace(desk, help=not desk.help), ()


def cancel(desk: Desk) -> Step:
    """Escape: nothing is confirmed, help is closed."""
    return replace(desk, confirming=None, help=False, leaving=False, notice="" if desk.confirming or desk.leaving else desk.notice), ()


def leave(desk: Desk) -> Step:
    """Quit; asked for twice while callers are being talked to."""
    held = sum(talk.mine for talk in desk.talks)
    if held and not desk.leaving:
        return replace(desk, leaving=True).tell(f"您手上还有 {held} 个会话，退出后会回到队列。要退出请再按一次 F10。"), ()
    return desk, (Quit(),)


def scroll(desk: Desk, by: int) -> Step:
    """Look at earlier lines (positive) or later ones."""
    return replace(desk, scroll=max(desk.scroll + by, 0)), ()


def typing(desk: Desk, text: str) -> Step:
    """The input line has changed; the caller is told now and then that somebody writes."""
    desk = replace(desk, typed=bool(text.strip()))
    talk = desk.talk(desk.current)
    if talk and not text:
        desk = desk.put(replace(talk, item=""))  # the suggestion was wiped out
    if not (desk.typed and desk.linked and talk and talk.mine) or text.startswith("/") or desk.now - desk.typing_told < TYPING_EVERY_S:
        return desk, ()
    return replace(desk, typing_told=desk.now), (Send({"type": "typing", "id": talk.id}),)


def exchange(before: Desk, after: Desk, text: str) -> tuple[Desk, str]:
    """Return the desk and the input line after a change of conversation: what was being written stays with its caller."""
    if before.current == after.current:
        return after, text
    left, come = after.talk(before.current), after.talk(after.current)
    after = after.put(replace(left, draft=text)) if left else after
    words = come.draft if come else ("" if before.current else text)
    return replace(after, typed=bool(words.strip())), words


def _confirm(desk: Desk, type: str, told: str, more: tuple[tuple[str, str], ...]) -> Step:
    talk = desk.talk(desk.current)
    if talk is None or not talk.mine:
        return desk.tell("这个会话已不在您这里。" if talk else _UNHELD), ()
    if any(asked.type == "say" and asked.state == "open" for asked in desk.unsent(talk.id)):
        return desk.tell("还有话没有送到，请稍等再试。"), ()
    wanted = Asked("", type, talk.id, tuple((name, value) for name, value in more if value))
    return replace(desk, confirming=wanted).tell(f"{told}？按回车确认，按 Esc 取消。"), ()


def _confirmed(desk: Desk) -> Step:
    wanted = desk.confirming
    if wanted is None:
        return desk, ()
    return _ask(replace(desk, confirming=None, notice=""), wanted)


def _ask(desk: Desk, asked: Asked) -> Step:
    """Remember a request under a name of its own, and send it; without a link it goes out when there is one."""
    asked = replace(asked, request=f"{desk.prefix}-{desk.count + 1}", sent_at=desk.now)
    desk = replace(desk, asked=(*desk.asked, asked), count=desk.count + 1)
    return desk, (Send(asked.frame),) if desk.linked else ()


_TO = "|".join(TARGETS)
_COMMANDS: tuple[tuple["re.Pattern[str]", Callable[..., Step]], ...] = (
    (re.compile(r"接入\s*(\d{1,4})?"), take),
    (re.compile(r"切换\s*(\d{1,3})"), switch),
    (re.compile(r"建议\s*([1-3])"), suggest),
    (re.compile(rf"转接\s*({_TO})(?:\s+(.*))?"), transfer),
    (re.compile(r"交还(?:\s+(.*))?"), give_back),
    (re.compile(r"结束(?:\s+(.*))?"), end),
    (re.compile(r"暂停"), lambda desk: rest(desk, False)),
    (re.compile(r"就绪"), lambda desk: rest(desk, True)),
    (re.compile(r"帮助|\?"), ask_help),
    (re.compile(r"退出"), leave),
    (re.compile(r"说\s+(.+)"), say),
)
KEYS: Mapping[str, Callable[[Desk], Step]] = {
    "f1": ask_help, "f2": take, "f3": lambda desk: suggest(desk, "1"), "f4": lambda desk: suggest(desk, "2"), "f5": lambda desk: suggest(desk, "3"),
    "f6": begin_transfer, "f7": give_back, "f8": end, "f9": toggle, "f10": leave,
    "escape": cancel, "pageup": lambda desk: scroll(desk, 5), "pagedown": lambda desk: scroll(desk, -5),
    "c-n": lambda desk: turn(desk, 1), "c-p": lambda desk: turn(desk, -1), "c-c": leave,
}
