"""Handing a caller on to a neighbour, warm: what is known goes along, kept for the neighbour's system to fetch."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Mapping

from redis.asyncio import Redis

from api.conversations import Conversation
from api.desk.package import Form, form_told
from api.desk.privacy import Privacy

STREAM = "hotline:transfers"
KEPT = 10_000  # about so many are kept; a neighbour that reads the stream is seldom more than minutes behind
KEPT_FOR = timedelta(days=7)
PHRASES = ("utter_passed_on", "utter_passed_on_emergency")
_HIS = ("称呼", "联系方式")  # what of a form tells who called
_IDS = uuid.UUID("0c1c2f0e-7a5d-4a44-8f5b-12345b12345b")


@dataclass(frozen=True)
class Neighbour:
    """A hotline that answers for itself; `name` is how callers know it."""

    number: str
    name: str
    emergency: bool = False

    @property
    def phrase(self) -> str:
        return "utter_passed_on_emergency" if self.emergency else "utter_passed_on"


NEIGHBOURS: Mapping[str, Neighbour] = {neighbour.number: neighbour for neighbour in (
    Neighbour("12333", "人社服务热线"), Neighbour("12366", "税务服务热线"), Neighbour("12329", "公积金热线"), Neighbour("12315", "消费维权热线"),
    Neighbour("110", "公安报警台", True), Neighbour("119", "消防救援", True), Neighbour("120", "医疗急救", True))}


@dataclass(frozen=True)
class Transfer:
    """What a neighbour is told of one caller; `caller` only where the channel vouches for it and the caller does not stay hidden."""

    id: str
    to: str
    at: datetime
    conversation: str
    channel: str
    region: str | None
    reason: str | None
    summary: str = field(repr=False)
    form: Mapping[str, Any] | None = field(repr=False)
    caller: str | None = field(repr=False)
    note: str | None = field(repr=False)

    def payload(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"id": self.id, "to": self.to, "at": self.at.isoformat(timespec="seconds"), "conversation": self.conversation,
                "channel": self.channel, "region": self.region, "reason": self.reason, "summary": self.summary,
                "form": dict(self.form) if self.form else None, "caller": self.caller, "note": self.note}


def transfer_of(conversation: Conversation, to: str, at: datetime, package: Mapping[str, Any], form: Form | None, note: str | None,
                privacy: Privacy, *, clear: bool = False) -> Transfer:
    """Return what goes along with a caller; `clear`: he agrees that the neighbour learns what he asked to keep confidential.

    Told again after a gateway has died, the same transfer has the same id.
    """
    taken = f"{conversation.id}/{conversation.operator}/{conversation.seq}/{to}"
    hidden = privacy.anonymous or (privacy.confidential and not clear)
    told, caller = form_told(form, clear=not hidden, without=_HIS if hidden else ()), None if hidden else conversation.caller
    return Transfer(uuid.uuid5(_IDS, taken).hex, to, at, conversation.id, conversation.channel, conversation.region, package.get("reason"),
                    package["summary"]["text"], told, caller, note)


async def keep(redis: Redis[str], transfer: Transfer) -> None:
    """Put it where the neighbour's system and the webhook find it."""
    entry: dict[Any, Any] = {"id": transfer.id, "to": transfer.to, "at": transfer.at.isoformat(timespec="seconds"),
                             "data": json.dumps(transfer.payload(), ensure_ascii=False)}
    await redis.xadd(STREAM, entry, maxlen=KEPT, approximate=True)
    await redis.expire(STREAM, KEPT_FOR)  # where nobody is handed on any more, and no webhook is told, the last ones go too
    await forget_old(redis)


async def forget_old(redis: Redis[str]) -> None:
    """Drop what was kept longer ago than KEPT_FOR: it holds names and numbers."""
    seconds, _ = await redis.time()
    await redis.xtrim(STREAM, minid=f"{int((seconds - KEPT_FOR.total_seconds()) * 1000)}", approximate=False)
