"""Callers as docs/architecture.md has them: a web page that repeats what was not answered, an exchange, and one that asks Rasa itself."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Sequence

from benchmarks.crowd.ledger import Stored, Talk, Turn
from benchmarks.crowd.scripts import Step
from benchmarks.crowd.wire import NoAnswer, Wire

GIVE_UP_S = 45.0
RETRY_S = {"web": 3.0, "ivr": 1.0, "rasa": 3.0}  # the page waits three seconds, a caller says it again at once
BUSY_RETRY_S = 15.0
_NO_USE = (401, 403, 404, 413, 422)  # repeating would change nothing


@dataclass(frozen=True)
class Reply:
    """What one try was answered with."""

    outcome: str
    told: tuple[str, ...]
    words: str
    options: tuple[str, ...] = ()
    over: bool = False
    handed: bool = False


class _Peer:
    """What all of them have: a connection that can be let go."""

    channel = ""
    id = ""
    more = False  # whether a long reply stopped in order to ask whether to go on

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._options: tuple[str, ...] = ()

    def leave(self) -> None:
        """Tell the other side that it is over, where it wants to know; raises NoAnswer."""

    def rest(self) -> None:
        """Let the connection go; the next request opens a new one."""
        self._wire.close()


class Web(_Peer):
    """The web page's way: a session, its token, messages with an id of their own."""

    channel = "web"
    token = ""

    def begin(self) -> None:
        session = self._wire.ask("POST", "/v1/chat/sessions", {})
        self.id, self.token = session["session_id"], session["token"]
        self._wire.headers["Authorization"] = f"Bearer {self.token}"

    def marked(self, step: Step) -> str:
        return uuid.uuid4().hex

    def say(self, step: Step, mark: str) -> Reply:
        text = self._options[0] if step.first_option and self._options else step.text or "第一个"
        answer = self._wire.ask("POST", f"/v1/chat/sessions/{self.id}/messages", {"text": text, "client_message_id": mark})
        messages = answer["messages"]
        self._options = next((tuple(one["options"]) for one in reversed(messages) if one.get("options")), ())
        return Reply(answer["outcome"], tuple(one["id"] for one in messages), "".join(one["text"] for one in messages), self._options)

    def kept(self) -> tuple[Stored, ...]:
        """Read the whole conversation back; raises NoAnswer."""
        state = self._wire.ask("GET", f"/v1/chat/sessions/{self.id}/messages?after=0")
        return tuple(Stored(one["seq"], one["author"], one.get("client_message_id") or one["id"], one["text"]) for one in state["messages"])


class Phone(_Peer):
    """An exchange with a key: words with a confidence, keys, silence; after a transfer or a hang-up the call is over."""

    channel = "ivr"

    def __init__(self, wire: Wire, caller: str) -> None:
        super().__init__(wire)
        self._caller = caller
        self.id = uuid.uuid4().hex

    def begin(self) -> None:
        self._wire.ask("POST", "/v1/ivr/calls", {"call_id": self.id, "caller": self._caller})

    def marked(self, step: Step) -> str:
        if step.first_option:
            return self._options[0] if self._options else "第一个"
        return "0" if step.keys == "0" else step.text

    def say(self, step: Step, mark: str) -> Reply:
        if step.first_option:
            said: dict[str, Any] = {"dtmf": "1"} if self._options else {"text": mark, "confidence": 0.9}
        else:
            said = {"dtmf": step.keys} if step.keys else {"text": step.text, "confidence": 0.9} if step.text else {"silence": True}
        answer = self._wire.ask("POST", f"/v1/ivr/calls/{self.id}/turns", said)
        self._options, self.more = tuple(answer["options"]), answer["text"].endswith("还要继续听吗？")
        words = answer["text"] if answer["prompt"].strip() else ""
        return Reply(answer["outcome"], (answer["text"],), words, self._options, answer["action"] != "continue", answer["action"] == "transfer")

    def leave(self) -> None:
        self._wire.ask("POST", f"/v1/ivr/calls/{self.id}/end", {"reason": "caller_hung_up"})


class Straight(_Peer):
    """The same turns to Rasa's own channel, without the gateway: nothing is stored, nothing can be repeated."""

    channel = "rasa"

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)
        self.id = "w" + uuid.uuid4().hex

    def begin(self) -> None:
        pass

    def marked(self, step: Step) -> str:
        return ""

    def say(self, step: Step, mark: str) -> Reply:
        text = self._options[0] if step.first_option and self._options else step.text or "第一个"
        metadata = {"region": "370100", "caller": None, "turn_id": uuid.uuid4().hex}
        entries = self._wire.ask("POST", "/webhooks/hotline/webhook",
                                 {"sender": self.id, "message": text, "channel": "web", "metadata": metadata})
        custom = next((one["custom"] for one in reversed(entries) if one.get("custom")), {})
        self._options = tuple(custom.get("options") or ())
        return Reply(custom.get("outcome") or "answered", (), "".join(one.get("text", "") for one in entries), self._options)


@dataclass
class Dialogue:
    """One caller going through a script with one peer, patiently; the clock is shared by all processes of the machine."""

    peer: Any
    house: str
    sleep: Callable[[float], None]
    clock: Callable[[], float] = time.monotonic
    turns: list[Turn] = field(default_factory=list)
    over: bool = False

    def begin(self) -> bool:
        """Open the conversation; what cannot be opened at all leaves an unanswered turn behind."""
        turn, _ = self._patiently("", lambda: self.peer.begin() or Reply("begun", (), "begun"))
        if not turn.outcome:
            self.turns.append(turn)
        return bool(turn.outcome)

    def say(self, step: Step) -> Turn:
        """Take one turn; after it `over` says whether the conversation has ended."""
        mark = self.peer.marked(step)
        turn, reply = self._patiently(mark, lambda: self.peer.say(step, mark))
        self.turns.append(turn)
        self.over = reply is None or reply.over
        return turn

    def leave(self) -> None:
        """Hang up; an end that nobody takes is an unanswered turn."""
        turn, _ = self._patiently("", lambda: self.peer.leave() or Reply("ended", (), "ended"))
        if not turn.outcome and not turn.faults[-1].startswith("409"):  # a call that is over already
            self.turns.append(turn)
        self.peer.rest()

    def talk(self, stored: Sequence[Stored] | None = None) -> Talk:
        """Return all of it."""
        return Talk(self.peer.id, self.peer.channel, self.house, tuple(self.turns), None if stored is None else tuple(stored))

    def _patiently(self, mark: str, attempt: Callable[[], Reply]) -> tuple[Turn, Reply | None]:
        began, faults = self.clock(), []
        while True:
            tried = self.clock()
            try:
                reply = attempt()
            except NoAnswer as error:
                faults.append(error.fault)
                pause = BUSY_RETRY_S if error.status == 429 else RETRY_S[self.peer.channel]
                if error.status in _NO_USE or self.clock() - began + pause > GIVE_UP_S:
                    return Turn(mark, began, 0.0, self.clock() - began, "", faults=tuple(faults)), None
                self.sleep(pause)
                continue
            now = self.clock()
            return Turn(mark, began, (now - tried) * 1000, now - began, reply.outcome, reply.told, reply.words, tuple(faults), reply.handed), reply
