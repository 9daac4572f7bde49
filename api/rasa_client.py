"""Speaks to Rasa, one process or several, over one pooled client."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Sequence

import httpx


class RasaFault(Exception):
    """Rasa was down, slow, or answered with nothing that can be told; `reason` goes to the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Utterance:
    """One message of the bot."""

    text: str
    card: Mapping[str, Any] | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a turn came to, whoever answered it; `facts` are the remaining fields of `custom`."""

    utterances: tuple[Utterance, ...]
    outcome: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> str | None:
        """The number of the ticket that it told of, else the code of the item."""
        ticket = self.facts.get("ticket")
        about = (ticket.get("number") if isinstance(ticket, dict) else None) or self.facts.get("item")
        return about if isinstance(about, str) else None

    @property
    def options(self) -> tuple[str, ...]:
        return next((said.options for said in reversed(self.utterances) if said.options), ())


class RasaClient:
    """`urls` names one process or several, comma-separated; `timeout` is in seconds and bounds the whole exchange, not each read."""

    def __init__(self, http: httpx.AsyncClient, urls: str, timeout: float) -> None:
        self._http = http
        self._bases = addresses(urls)
        self._timeout = timeout

    async def ask(self, sender: str, text: str, channel: str, metadata: Mapping[str, str | None]) -> Answer:
        """Send one caller's message; raise RasaFault whenever there is nothing to tell the caller."""
        payload = {"sender": sender, "message": text, "channel": channel, "metadata": dict(metadata)}
        return read_answer(_read(await self._exchange("POST", sender, "/webhooks/hotline/webhook", payload)))

    async def slots(self, sender: str) -> Mapping[str, Any]:
        """Return the values of a sender's slots, and the form that is being filled under "active_loop"; raise RasaFault."""
        state = _read(await self._exchange("GET", sender, _tracker_of(sender)))
        slots, loop = (state.get("slots"), state.get("active_loop")) if isinstance(state, dict) else (None, None)
        if not isinstance(slots, dict):
            raise RasaFault("not a tracker")
        return {**slots, "active_loop": loop.get("name") if isinstance(loop, dict) else None}

    async def remember(self, sender: str, slots: Mapping[str, Any]) -> None:
        """Set slots of a sender's tracker, None empties one; raise RasaFault."""
        if slots:
            events = [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]
            await self._exchange("POST", sender, _tracker_of(sender, "/events"), events)

    async def forget(self, sender: str, slots: Sequence[str]) -> None:
        """Empty slots of a sender's tracker; raise RasaFault."""
        await self.remember(sender, dict.fromkeys(slots))

    async def _exchange(self, method: str, sender: str, path: str, payload: object = None) -> httpx.Response:
        """Ask the process that has this sender; when nobody listens there, the next one: trackers and locks are in Redis."""
        try:
            # httpx counts each read by itself: an answer that drips would never time out there.
            response = await asyncio.wait_for(self._first_that_listens(method, sender, path, payload), self._timeout)
        except (asyncio.TimeoutError, httpx.TimeoutException):
            raise RasaFault("timeout") from None
        except httpx.HTTPError as error:
            raise RasaFault(type(error).__name__) from None
        if response.status_code != 200:
            raise RasaFault(f"status {response.status_code}")
        return response

    async def _first_that_listens(self, method: str, sender: str, path: str, payload: object) -> httpx.Response:
        *others, last = order_of(sender, self._bases)
        for base in others:
            # Only what was never sent is sent elsewhere: a turn that broke off may have been taken.
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._http.request(method, f"{base}{path}", json=payload)
        return await self._http.request(method, f"{last}{path}", json=payload)


def addresses(urls: str) -> tuple[str, ...]:
    """Return the addresses of a comma-separated list, without their last slash."""
    return tuple(url.strip().rstrip("/") for url in urls.split(",") if url.strip())


def order_of(sender: str, bases: Sequence[str]) -> tuple[str, ...]:
    """Return the processes in the order in which this sender's turns try them; every gateway comes to the same order."""
    first = zlib.crc32(sender.encode("utf-8")) % len(bases)
    return (*bases[first:], *bases[:first])


def _tracker_of(sender: str, more: str = "") -> str:
    return f"/conversations/{sender}/tracker{more}?include_events=NONE"


def _read(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise RasaFault("not json") from None


def read_answer(entries: object) -> Answer:
    """Read the list that Rasa's channel answers; the last `custom` that is not empty is the turn's outcome, a `mood` holds wherever it stands.

    Raises RasaFault for anything but a list of objects with at least one text.
    """
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RasaFault("not a list of messages")
    custom: Mapping[str, Any] = next((e["custom"] for e in reversed(entries)
                                      if isinstance(e.get("custom"), dict) and e["custom"]), {})
    moods = [e["custom"]["mood"] for e in entries if isinstance(e.get("custom"), dict) and "mood" in e["custom"]]
    utterances: list[Utterance] = []
    for entry in entries:
        card, options = _shown(entry)
        if isinstance(entry.get("text"), str) and entry["text"].strip():
            utterances.append(Utterance(entry["text"].strip(), card, options))
        elif utterances:  # a message that is only a card belongs to the sentence before it
            utterances[-1] = replace(utterances[-1], card=card or utterances[-1].card, options=options or utterances[-1].options)
    if not utterances:
        raise RasaFault("empty")
    facts = {key: value for key, value in {**custom, **({"mood": moods[-1]} if moods else {})}.items() if key not in ("outcome", "card", "options")}
    return Answer(tuple(utterances), str(custom.get("outcome") or "answered"), facts)


def _shown(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    custom = entry["custom"] if isinstance(entry.get("custom"), dict) else {}
    card = custom["card"] if isinstance(custom.get("card"), dict) else None
    options = custom.get("options")
    if not isinstance(options, list):
        buttons = entry.get("buttons")
        options = [button.get("title") for button in buttons if isinstance(button, dict)] if isinstance(buttons, list) else []
    return card, tuple(option for option in options if isinstance(option, str))
