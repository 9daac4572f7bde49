"""Frames as the operators' stream sends them, and a seat that has one conversation."""

from __future__ import annotations

from typing import Any

from cli.desk.hearing import hear, linked
from cli.desk.model import Desk, Send, Step

ID, OTHER = "w" + "1" * 32, "w" + "2" * 32


def message(seq: int, author: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": f"m{seq}", "seq": seq, "author": author, "text": text, "at": f"2026-11-23T09:{seq % 60:02}:00+08:00", **more}


def conversation(*messages: dict[str, Any], id: str = ID, owner: str = "operator", last_seq: int | None = None) -> dict[str, Any]:
    last = max((said["seq"] for said in messages), default=0) if last_seq is None else last_seq
    return {"type": "conversation", "id": id, "owner": owner, "messages": list(messages), "last_seq": last, "channel": "web", "region": "370102"}


def waiting(id: str = ID, **more: Any) -> dict[str, Any]:
    return {"id": id, "reason": "asked", "skill": "general", "priority": 2, "alarm": False, "owner": "queue", "channel": "web", "region": "370102",
            "waiting_since": "2026-11-23T09:00:00+08:00", "position": 1, "last_text": "转人工", "mood": "calm", "elderly": False, **more}


def line(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"type": "queue", "waiting": list(entries)}


def seat() -> Desk:
    """A linked seat with one conversation in the middle, in which the caller and the bot have spoken."""
    desk = linked(Desk(prefix="d", skills=("general",), now=100.0))[0]
    return hear(desk, conversation(message(1, "caller", "路灯坏了"), message(2, "bot", "在什么地方？")))[0]


def frames(step: Step) -> list[dict[str, Any]]:
    """Return what a step sends."""
    return [dict(effect.frame) for effect in step[1] if isinstance(effect, Send)]
