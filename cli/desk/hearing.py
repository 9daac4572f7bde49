"""What the server says, as steps of the desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping

from cli.desk.clean import one_line, plain
from cli.desk.model import Asked, Desk, Effect, Fetch, Ring, Send, Step, Talk
from cli.desk.reading import number_of, package_of, said_of, suggestions_of, waiting_of

RESEND_S = 10.0  # a request that got no answer for so long is sent again
RETRY_S = 2.0
_PASSING = ("service_unavailable", "turn_in_progress", "too_many_requests", "internal_error")
_WATCH = "watch:"
_LOST = ("conversation_not_claimed", "conversation_taken", "conversation_not_found")
_DONE = {"return": "已交还给智能助手。", "end": "会话已结束。", "transfer": "已转接。"}


def linked(desk: Desk) -> Step:
    """The stream is open (again): say who is here, ask for what was missed, and send what was not acknowledged."""
    desk = replace(desk, linked=True, notice="已连接。", talks=tuple(replace(talk, read_told=0) for talk in desk.talks))
    watched = tuple(_watch(talk) for talk in desk.talks if talk.mine)
    desk, again = _send_again(desk, lambda asked: True)
    return desk, (Send(presence(desk)), *watched, *again)


def cut_off(desk: Desk, why: str) -> Step:
    """The stream is gone; nothing typed is lost."""
    return replace(desk, linked=False, notice=why), ()


def tick(desk: Desk) -> Step:
    """Time passes: what got no answer is sent again."""
    return _send_again(desk, lambda asked: desk.now - asked.sent_at >= RESEND_S) if desk.linked else (desk, ())


def presence(desk: Desk) -> dict[str, Any]:
    """Return the frame that tells whether this seat takes conversations, and which."""
    return {"type": "ready" if desk.ready else "pause", "skills": list(desk.skills), "region": desk.region}


def reading(desk: Desk) -> Step:
    """Tell the caller of the conversation in the middle how far it has been read, where he was not told yet."""
    talk = desk.talk(desk.current)
    if not (desk.linked and talk and talk.mine) or talk.last_seq <= talk.read_told:
        return desk, ()
    return desk.put(replace(talk, read_told=talk.last_seq)), (Send({"type": "read", "id": talk.id, "seq": talk.last_seq}),)


def hear(desk: Desk, frame: Mapping[str, Any]) -> Step:
    """Take one frame, or an answer over HTTP in the form of one; an unknown kind changes nothing."""
    known = _HEARD.get(str(frame.get("type")))
    return known(desk, frame) if known else (desk, ())


def opened(desk: Desk, id: str, wanted: bool = True) -> Step:
    """A conversation is this seat's now; one that was asked for comes to the middle unless words for another caller are being written."""
    talk = replace(desk.talk(id) or Talk(id), mine=True)
    desk = desk.put(talk)
    if desk.current is None or wanted and not desk.typed:
        desk = desk.show(id).tell("已接入。")
    else:
        desk = desk.tell(f"已接入，按 Alt+{[talk.id for talk in desk.talks].index(id) + 1} 切换过去。")
    return desk, (_watch(talk), Fetch(id), Send({"type": "suggest", "id": id}))


def _on_queue(desk: Desk, frame: Mapping[str, Any]) -> Step:
    waiting = waiting_of(frame)
    new = [entry for entry in waiting if entry.id not in desk.rung and (desk.ready or entry.alarm)]
    desk = replace(desk, waiting=waiting, rung=frozenset(entry.id for entry in waiting))
    return desk, (Ring(),) if new else ()


def _on_conversation(desk: Desk, frame: Mapping[str, Any]) -> Step:
    id, owner = frame.get("id"), frame.get("owner")
    if not isinstance(id, str):
        return desk, ()
    effects: tuple[Effect, ...] = ()
    mine = frame["mine"] is True if "mine" in frame else owner == "operator"
    if desk.talk(id) is None:
        if not mine:
            return desk, ()
        desk, effects = opened(desk, id, wanted=False)
    talk = desk.talk(id)
    assert talk is not None
    if mine and (name := one_line(frame.get("operator_name"))):
        desk = replace(desk, name=name)
    said = said_of(frame)
    by_seq = {message.seq: message for message in (*talk.said, *said)}
    talk, gap = _counted(replace(talk, said=tuple(by_seq[seq] for seq in sorted(by_seq)), channel=one_line(frame.get("channel")) or talk.channel,
                                 region=one_line(frame.get("region")) or talk.region), said[0].seq if said else 0, number_of(frame.get("last_seq")))
    new_words = any(message.author == "caller" and message.seq not in {old.seq for old in desk.talk(id).said} for message in said)  # type: ignore[union-attr]
    desk = desk.put(replace(talk, typing=frame.get("typing") is True, read=max(talk.read, number_of(frame.get("read")))))
    desk = _shown(desk, id, [message.seq for message in said if message.author == "operator"])
    if gap:
        effects = (*effects, _watch(talk))
    if new_words and Fetch(id) not in effects:
        effects = (*effects, Fetch(id))
    if talk.mine and not mine and not any(asked.id == id and asked.type in _DONE for asked in desk.asked):
        desk = _lost(desk, id, "这个会话已不在您这里。")
    return desk, effects


def _counted(talk: Talk, first: int, last: int) -> tuple[Talk, bool]:
    """Move on to the last number before a gap; a gap that stays after it was asked for is one of the server's."""
    if first > talk.last_seq + 1 and talk.asked_after != talk.last_seq:
        return replace(talk, asked_after=talk.last_seq), True
    talk = replace(talk, last_seq=max(talk.last_seq, talk.said[-1].seq if talk.said else 0))
    if last > talk.last_seq and talk.asked_after != talk.last_seq:
        return replace(talk, asked_after=talk.last_seq), True
    return talk, False


def _shown(desk: Desk, id: str, seqs: list[int]) -> Desk:
    """Forget what was typed and now stands among the messages; the same words twice stand there twice."""
    talk = desk.talk(id)
    for message in talk.said if talk else ():
        if message.seq not in seqs:
            continue
        same = [asked for asked in desk.unsent(id) if asked.request == message.client_id] or \
            [asked for asked in desk.unsent(id) if asked.state == "kept" and not message.client_id and plain(asked.text) == message.text][:1]
        desk = _without(desk, same[0]) if same else desk
    return desk


def _on_suggestions(desk: Desk, frame: Mapping[str, Any]) -> Step:
    talk = desk.talk(frame.get("id"))
    return (desk.put(replace(talk, suggestions=suggestions_of(frame))), ()) if talk else (desk, ())


def _on_package(desk: Desk, frame: Mapping[str, Any]) -> Step:
    talk = desk.talk(frame.get("id"))
    if talk is None:
        return desk, ()
    told = replace(talk, package=package_of(frame), channel=one_line(frame.get("channel")) or talk.channel,
                   region=one_line(frame.get("region")) or talk.region)
    return desk.put(told), ()


def _on_next(desk: Desk, frame: Mapping[str, Any]) -> Step:
    id = frame.get("id")
    return opened(desk, id) if isinstance(id, str) else (desk.tell("现在没有人在等。"), ())


def _on_done(desk: Desk, frame: Mapping[str, Any]) -> Step:
    asked = _asked(desk, frame)
    if asked is None:
        return desk, ()
    if asked.type == "say":
        talk = desk.talk(asked.id)
        there = any(message.author == "operator" and (message.client_id == asked.request or not message.client_id and message.seq > asked.after
                    and message.text == plain(asked.text)) for message in (talk.said if talk else ()))
        return (_without(desk, asked) if there else _with(desk, replace(asked, state="kept"))), ()
    desk = _without(desk, asked)
    if asked.type == "claim":
        return opened(desk, asked.id)
    return desk.drop(asked.id).tell(_DONE.get(asked.type, "")), ()


def _on_error(desk: Desk, frame: Mapping[str, Any]) -> Step:
    asked, code, request = _asked(desk, frame), frame.get("code"), str(frame.get("request"))
    message = one_line(frame.get("message")) or "出错了，请再试一次。"
    if request.startswith(_WATCH) and code in _LOST:  # it went back to the line while this seat was cut off
        return _lost(desk, request.removeprefix(_WATCH), message), ()
    if asked is None:
        return desk.tell(message), ()
    if code in _PASSING:
        return _with(desk, replace(asked, sent_at=desk.now - RESEND_S + RETRY_S)).tell(message), ()
    if asked.type == "say":
        desk = _with(desk, replace(asked, state="refused")).tell(f"没有送出：{message}")
        return (_lost(desk, asked.id, message) if code in _LOST else desk), ()
    desk = _without(desk, asked)
    if asked.type in _DONE and code in _LOST:  # the answer to its first sending may have been lost on the way
        return _lost(desk, asked.id, message), ()
    return desk.tell(message), ()


def _lost(desk: Desk, id: str, why: str) -> Desk:
    talk = desk.talk(id)
    return desk.put(replace(talk, mine=False)).tell(f"{why}按 F8 从列表里去掉。") if talk else desk


def _asked(desk: Desk, frame: Mapping[str, Any]) -> "Asked | None":
    return next((asked for asked in desk.asked if asked.request == frame.get("request")), None)


def _with(desk: Desk, changed: Asked) -> Desk:
    return replace(desk, asked=tuple(changed if asked.request == changed.request else asked for asked in desk.asked))


def _without(desk: Desk, done: Asked) -> Desk:
    return replace(desk, asked=tuple(asked for asked in desk.asked if asked.request != done.request))


def _send_again(desk: Desk, due: Callable[[Asked], bool]) -> Step:
    again = [asked for asked in desk.asked if asked.state == "open" and due(asked)]
    for asked in again:
        desk = _with(desk, replace(asked, sent_at=desk.now))
    return desk, tuple(Send(asked.frame) for asked in again)


def _watch(talk: Talk) -> Send:
    return Send({"type": "watch", "id": talk.id, "after": talk.last_seq, "request": f"{_WATCH}{talk.id}"})


_HEARD: Mapping[str, Callable[[Desk, Mapping[str, Any]], Step]] = {
    "queue": _on_queue, "conversation": _on_conversation, "suggestions": _on_suggestions, "package": _on_package,
    "next": _on_next, "done": _on_done, "error": _on_error,
}
