"""Where Rasa keeps conversations: one read and one write a turn, bounded, and never over what another process wrote."""

from __future__ import annotations

import json
import secrets
from typing import Any, Iterable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.redis_client import connect
from bot.tracker_trim import newest_session, trimmed

PREFIX = "tracker:"  # as Rasa's own store has it: a conversation that one began is read on by the other
DAY_S = 86_400
# A record is its version of 16 characters, a line's end and JSON. The write that was done before and whose answer was lost is not refused.
_SAVE = """
local held = string.match(redis.call('GETRANGE', KEYS[1], 0, 16), '^(%x+)\\n') or ''
if ARGV[1] ~= '*' and held ~= ARGV[1] and held ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[2] .. '\\n' .. ARGV[3], 'EX', ARGV[4])
return 1
"""


class TrackerChanged(RasaException):
    """Another process took a turn of this conversation meanwhile; this turn is not kept."""


class BoundedTrackerStore(TrackerStore):
    """Trackers in Redis that expire `record_exp` seconds after their last turn; older turns are folded (bot/tracker_trim.py)."""

    def __init__(self, domain: Optional[Domain], host: Optional[str] = None, event_broker: Optional[EventBroker] = None,
                 record_exp: float | str = DAY_S, **connection: Any) -> None:
        super().__init__(domain, event_broker)
        self._redis = connect(host, **connection)
        self._save = self._redis.register_script(_SAVE)
        self._kept_s = int(float(record_exp))

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """Return a conversation that nobody has written yet."""
        return _marked(super().init_tracker(sender_id), "")

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Return the newest session of a conversation, None where there is none; raises RedisError."""
        stored = self._redis.get(PREFIX + sender_id)
        if stored is None:
            return None
        version, _, body = stored.rpartition("\n")
        events = newest_session(deserialise_events(json.loads(body)["events"]))
        return _marked(DialogueStateTracker.from_events(sender_id, events, self.domain.slots), version)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what is needed to go on; raises TrackerChanged, or RedisError when it is not known to be kept."""
        await self.stream_events(tracker)
        if not tracker.events:
            return  # Rasa saves each new conversation before its first turn: that is nothing to keep
        version = secrets.token_hex(8)
        body = json.dumps({"name": tracker.sender_id, "events": [event.as_dict() for event in trimmed(tracker.events)]})
        kept = self._save(keys=[PREFIX + tracker.sender_id], args=[getattr(tracker, "stored_version", "*"), version, body, self._kept_s])
        if not kept:
            raise TrackerChanged("a turn of this conversation was taken elsewhere")
        _marked(tracker, version)

    async def told_in(self, sender_id: str, turn_id: str) -> list[BotUttered]:
        """Return what was said in the newest turn where that is the turn of this id, nothing for any other; raises RedisError."""
        stored = self._redis.get(PREFIX + sender_id)
        if stored is None or not turn_id or json.dumps(turn_id) not in stored:
            return []
        events = deserialise_events(json.loads(stored.rpartition("\n")[2])["events"])
        begun = next(at for at in range(len(events) - 1, -2, -1) if at < 0 or isinstance(events[at], UserUttered))
        if begun < 0 or events[begun].metadata.get("turn_id") != turn_id:  # metadata of what a caller said is a dict
            return []
        return [event for event in events[begun:] if isinstance(event, BotUttered)]

    async def keys(self) -> Iterable[str]:
        """Return the ids of all conversations."""
        return [key[len(PREFIX):] for key in self._redis.scan_iter(PREFIX + "*")]


def _marked(tracker: DialogueStateTracker, version: str) -> DialogueStateTracker:
    """Note on the tracker which record it comes from; one made otherwise has no such note and replaces any record."""
    tracker.stored_version = version  # type: ignore[attr-defined]  # Rasa hands the same object back
    return tracker
