"""Conversations that are over, in the database: words, cards and the caller's number encrypted, and found again by id."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Mapping, Sequence

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from api.conversations import Conversation, Message, conversation_of
from core.cipher import Cipher
from core.clock import SHANGHAI
from core.db import Database, conversation_messages, conversations
from core.pii import mask
from tickets.store.renewal import encrypting

IDLE = "idle"  # why a conversation ended that nobody ended
_COLUMNS = ("channel", "region", "owner", "outcome", "about", "caller", "digest", "seq", "key", "opened_at", "ended", "ended_at")
_PASSING = ("due", "idle", "version", "history", "pending", "options")  # of use only while it is alive


@dataclass(frozen=True)
class Kept:
    """A conversation and all that was said in it, as the archive or Redis has it."""

    conversation: Conversation
    messages: Sequence[Message]


class Archive:
    """Blocking: called in a worker thread. Raises what the database raises, and KeysFaulty when no key reads a row."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def keep(self, kept: Kept) -> None:
        """Keep a conversation in one step; what is kept of it already stays, and a newer state wins."""
        row, said = self._row(kept), self._message_rows(kept)
        with encrypting(self._database) as connection:
            newer = _insert(connection, conversations).values(row)
            changed = {name: newer.excluded[name] for name in row if name not in ("key", "id", "opened_at")}
            connection.execute(newer.on_conflict_do_update(index_elements=["key"], set_=changed,
                                                           where=conversations.c.ended_at <= newer.excluded.ended_at))
            if said:
                connection.execute(_insert(connection, conversation_messages).on_conflict_do_nothing(), said)

    def find(self, id: str) -> Kept | None:
        """Return the newest conversation of this id."""
        wanted = select(conversations).where(conversations.c.id == id).order_by(conversations.c.opened_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
            if row is None:
                return None
            said = connection.execute(select(conversation_messages).where(conversation_messages.c.conversation == row.key)
                                      .order_by(conversation_messages.c.seq)).all()
        return Kept(self._conversation(row._mapping), [self._message(line._mapping) for line in said])

    def forget(self, before: datetime, most: int) -> int:
        """Delete at most `most` conversations that ended before a moment; return how many."""
        old = select(conversations.c.key).where(conversations.c.ended_at < before).order_by(conversations.c.ended_at).limit(most)
        with self._database.write() as connection:
            keys = connection.scalars(old).all()
            connection.execute(delete(conversation_messages).where(conversation_messages.c.conversation.in_(keys)))
            connection.execute(delete(conversations).where(conversations.c.key.in_(keys)))
        return len(keys)

    def _row(self, kept: Kept) -> dict[str, Any]:
        told, fields = kept.conversation, kept.conversation.fields
        id = told.id.partition("~")[0]  # one that stepped aside for a call of the same id
        ended = fields.get("ended_at") or float(fields["due"]) - float(fields.get("idle", 0))
        rest = {name: value for name, value in fields.items() if name not in _COLUMNS + _PASSING}
        return {"key": fields.get("key", id), "id": id, "channel": told.channel, "region": told.region, "owner": told.owner,
                "outcome": _plain(told.outcome, 40), "about": _plain(fields.get("about"), 120),
                "opened_at": _moment(fields.get("opened_at", ended)), "ended_at": _moment(ended),
                "ended": _plain(mask(told.ended or IDLE), 100), "messages": told.seq, "digest": told.digest,
                "caller": self._cipher.hide(told.caller), "caller_index": self._cipher.index(told.caller),
                "fields": self._cipher.hide(_dump(rest))}

    def _message_rows(self, kept: Kept) -> list[dict[str, Any]]:
        key = kept.conversation.fields.get("key", kept.conversation.id.partition("~")[0])
        return [{"conversation": key, "seq": message["seq"], "author": message["author"], "at": datetime.fromisoformat(message["at"]),
                 "body": self._cipher.hide(_dump({name: value for name, value in message.items() if name not in ("seq", "author", "at")}))}
                for message in kept.messages]

    def _conversation(self, row: Mapping[str, Any]) -> Conversation:
        rest: dict[str, str] = json.loads(str(self._cipher.show(row["fields"])))
        plain = {name: row[name] or "" for name in ("channel", "region", "owner", "outcome", "about", "digest", "key", "ended")}
        fields = {**rest, **plain, "caller": self._cipher.show(row["caller"]) or "", "seq": str(row["messages"]),
                  "opened_at": str(row["opened_at"].timestamp()), "ended_at": str(row["ended_at"].timestamp())}
        return conversation_of(row["id"], fields)

    def _message(self, row: Mapping[str, Any]) -> Message:
        body: Message = json.loads(str(self._cipher.show(row["body"])))
        return {**body, "seq": row["seq"], "author": row["author"], "at": row["at"].isoformat(timespec="seconds")}


def _insert(connection: Connection, table: Table) -> Any:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)


def _plain(text: str | None, most: int) -> str | None:
    return text.replace("\x00", " ")[:most] if text else None


def _moment(seconds: str | float) -> datetime:
    return datetime.fromtimestamp(float(seconds), SHANGHAI)


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
