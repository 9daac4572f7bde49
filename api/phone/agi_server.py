"""The FastAGI server: an Asterisk-compatible exchange connects for each call; the words come from the gateway."""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Mapping

import httpx

from api.phone.agi import LINE_LIMIT, HungUp, Peer, PeerFaulty
from api.phone.speakable import slowly, speakable
from api.phrases import Phrases
from api.ports import Log

PHRASES = ("utter_fault_transfer", "utter_transfer_failed", "utter_call_yourself", "utter_goodbye_ivr")
SPEAKING_S = 90.0       # a prompt of 120 characters, said slowly, and the answer to it
TALKING_S = 4 * 3600.0  # with the person to whom the call was connected
FIRST_KEY_S, NEXT_KEY_S = 5.0, 2.5
MOST_TURNS = 300
_KEYS_MOST = 32
_APPLICATION = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_MEANT = re.compile(r"[\x00-\x1f,\"'\\${}&|;<>\[\]]+")  # what means something to a dialplan
_CALL = re.compile(r"[^A-Za-z0-9_.:@\-]")


@dataclass(frozen=True)
class Wiring:
    """How this exchange speaks (`say`), speaks and listens (`ask`, empty for keys only), dials; and where it sends who cannot be helped.

    `vouches`: it has proved the number that it tells; else that is nobody's number.
    """

    say: str
    ask: str
    dial: str
    transfer_to: str
    vouches: bool = False

    @property
    def returns(self) -> bool:
        """Whether Dial comes back once the other side has hung up: its option g."""
        options = re.sub(r"\(.*?\)", "", self.dial).split(",")[2:3]
        return bool(options) and "g" in options[0]


@dataclass(frozen=True)
class Desk:
    """The gateway's calls over HTTP; an answer that does not come is a transfer."""

    http: httpx.AsyncClient = field(repr=False)  # with base address and key
    phrases: Phrases
    transfer_to: str
    log: Log
    pauses: tuple[float, ...] = (0.5, 2.0, 5.0)  # before each repeat of what must not get lost, in seconds

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what to say and do next."""
        try:
            answer = await self.http.post(f"/v1/ivr/calls{path}", json=dict(body))
            if answer.status_code == 200:
                return dict(answer.json())
            self.log.error("agi_refused", status=answer.status_code)
        except (httpx.HTTPError, ValueError) as error:
            self.log.error("agi_without_gateway", error=type(error).__name__)
        prompt = self.phrases.render("utter_fault_transfer", "ivr")
        return {"prompt": prompt, "action": "transfer", "transfer_to": self.transfer_to, "outcome": "fault"}

    async def onward(self, call: str) -> dict[str, Any] | None:
        """Return where a person has handed the caller on to, None if nowhere or if nobody can tell."""
        with suppress(httpx.HTTPError, ValueError):
            answer = await self.http.post(f"/v1/ivr/calls/{call}/onward")
            if answer.status_code == 200:
                return dict(answer.json())
        return None

    async def end(self, call: str, reason: str) -> None:
        """Tell that the call is over, again if need be: a call whose end is not known keeps its place in the line."""
        for pause in (0.0, *self.pauses):
            await asyncio.sleep(pause)
            with suppress(httpx.HTTPError):
                answer = await self.http.post(f"/v1/ivr/calls/{call}/end", json={"reason": reason})
                if answer.status_code < 500 and answer.status_code != 429:
                    return
        self.log.error("agi_end_not_told")


class AgiCall:
    """One call from its environment to its end."""

    def __init__(self, peer: Peer, desk: Desk, wiring: Wiring) -> None:
        self._peer = peer
        self._desk = desk
        self._wiring = wiring
        self._listens = bool(wiring.ask)

    async def run(self) -> str:
        """Serve the call; return why it ended."""
        environment = await self._peer.environment()
        call = _CALL.sub("-", environment.get("agi_uniqueid", ""))[:40] or secrets.token_hex(8)
        call = f"agi-{call}"
        reason = "line_lost"
        try:
            await self._peer.command("ANSWER")
            reason = await self._talk(call, environment.get("agi_callerid", ""))
        except HungUp:
            reason = "caller_hung_up"
        finally:
            await asyncio.shield(self._desk.end(call, reason))
        return reason

    async def _talk(self, call: str, caller: str) -> str:
        answer = await self._desk.post("", {"call_id": call, "caller": caller[:64], "vouched": self._wiring.vouches,
                                            "returns": self._wiring.returns})
        for _ in range(MOST_TURNS):
            await self._peer.set("HOTLINE_OUTCOME", str(answer.get("outcome", "")))
            if answer["action"] == "hangup":
                await self._goodbye(answer["prompt"])
                return "completed"
            if answer["action"] == "transfer":
                if await self._connect(answer):
                    if (further := await self._desk.onward(call)) is None:
                        return "transferred"
                    answer = further
                    continue
                answer = {**answer, "action": "continue", "prompt": self._not_connected(str(answer.get("transfer_to", "")))}
            heard = await self._ask(slowly(str(answer["prompt"])) if answer.get("slow") else str(answer["prompt"]))
            if heard is None:  # no voice at all: a person is better than a silent line
                await self._connect({"prompt": "", "transfer_to": self._wiring.transfer_to})
                await self._peer.command("HANGUP")
                return "voice_failed"
            answer = await self._desk.post(f"/{call}/turns", heard)
        await self._goodbye(self._say("utter_goodbye_ivr"))
        return "completed"

    async def _goodbye(self, words: str) -> None:
        await self._speak(words)
        await self._peer.command("HANGUP")

    async def _connect(self, answer: Mapping[str, Any]) -> bool:
        """Dial whom the caller shall speak to; return whether they spoke."""
        number = re.sub(r"[^\w+\-]", "", str(answer.get("transfer_to") or self._wiring.transfer_to), flags=re.ASCII)
        await self._peer.set("HOTLINE_TRANSFER_TO", number)
        if answer["prompt"]:
            await self._speak(str(answer["prompt"]))
        await self._peer.execute("Dial", self._wiring.dial.replace("{number}", number), TALKING_S)
        return await self._peer.variable("DIALSTATUS") == "ANSWER"

    async def _ask(self, prompt: str) -> dict[str, Any] | None:
        """Speak and listen; None where the exchange has no voice."""
        if self._listens:
            self._listens = await self._run(self._wiring.ask, prompt)
        if self._listens:
            status = await self._peer.variable("RECOG_STATUS")
            if status == "OK":
                return await self._recognised()
            if status == "INTERRUPTED":  # by a key, which the recogniser may hand on
                first = await self._peer.variable("RECOG_RESULT")
                return await self._keys(first if len(first) == 1 and first in "0123456789*#" else "")
        return await self._keys("") if await self._speak(prompt) else None

    async def _recognised(self) -> dict[str, Any]:
        cause = (await self._peer.variable("RECOG_COMPLETION_CAUSE")).lstrip("0")[:1]
        if cause == "2":
            return {"silence": True}
        text = (await self._peer.variable("RECOG_INPUT(0)"))[:2000] if cause == "" else ""
        sure = _confidence(await self._peer.variable("RECOG_CONFIDENCE(0)")) if text else 0.0
        if await self._peer.variable("RECOG_INPUT_MODE(0)") == "dtmf" and (keys := re.sub(r"[^0-9*#]", "", text)):
            return {"dtmf": keys[:_KEYS_MOST]}
        return {"text": text, **({"confidence": sure} if sure is not None else {})}

    async def _keys(self, first: str) -> dict[str, Any]:
        """Collect keys: # ends a number, as a pause does; * and # stand alone."""
        keys = first or await self._peer.key(FIRST_KEY_S)
        while keys and keys not in "*#" and len(keys) < _KEYS_MOST:
            key = await self._peer.key(NEXT_KEY_S)
            if key in ("", "#"):
                break
            keys += key
        return {"dtmf": keys} if keys else {"silence": True}

    async def _speak(self, prompt: str) -> bool:
        return await self._run(self._wiring.say, prompt)

    async def _run(self, application: str, prompt: str) -> bool:
        name, arguments = _APPLICATION.fullmatch(application).groups()  # type: ignore[union-attr]  # settings check the form
        words = _MEANT.sub(" ", speakable(prompt)).strip()
        return await self._peer.execute(name, arguments.replace("{prompt}", words), SPEAKING_S)

    def _not_connected(self, number: str) -> str:
        if number.isdecimal() and number != self._wiring.transfer_to:
            return self._say("utter_call_yourself", number=number)
        return self._say("utter_transfer_failed")

    def _say(self, name: str, **values: str) -> str:
        return self._desk.phrases.render(name, "ivr", **values)


class AgiServer:
    """Takes at most `most` calls at once; a peer that comes beyond is let go at once, and its dialplan goes on."""

    def __init__(self, desk: Desk, wiring: Wiring, most: int, patience: float = 10.0) -> None:
        self._desk = desk
        self._wiring = wiring
        self._most = most
        self._patience = patience
        self._calls: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> asyncio.AbstractServer:
        """Listen; the returned server is closed by whoever started it."""
        return await asyncio.start_server(self._take, host, port, limit=LINE_LIMIT)

    async def stop(self) -> None:
        """End the calls that are still served."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._calls) >= self._most:
            self._desk.log.warning("agi_full", calls=len(self._calls))
            writer.close()
            return
        self._calls.add(task)
        try:
            await self._serve(Peer(reader, writer, self._patience))
        finally:
            self._calls.discard(task)
            writer.close()

    async def _serve(self, peer: Peer) -> None:
        try:
            reason = await AgiCall(peer, self._desk, self._wiring).run()
            self._desk.log.info("agi_call_ended", reason=reason)
        except (PeerFaulty, HungUp) as error:
            self._desk.log.warning("agi_peer_gone", error=type(error).__name__, reason=str(error))
        except Exception as error:  # one call's fault is no other's
            self._desk.log.error("agi_call_failed", error=type(error).__name__, exc_info=True)


def _confidence(told: str) -> float | None:
    """0–1 or, as MRCP version 1 has it, 0–100; None if nothing usable is told."""
    try:
        sure = float(told)
    except ValueError:
        return None
    return min(max(sure / 100 if sure > 1 else sure, 0.0), 1.0) if sure == sure else None
