"""Telling the neighbours' system of transfers by a signed webhook: at least once each, whichever gateway lives."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime
from typing import Any, Callable, Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, stop_after_attempt, wait_exponential

from api.desk.transfers import STREAM, forget_old
from api.ports import Log
from core.ids import new_id
from core.settings import Settings, SettingsError
from tickets.hooks import HookAway, HookRefuses, Poster, UrlRefused, Webhook, checked_url, networks_of
from tickets.telling import Letter, key_of

GROUP = "webhook"
EVENT = "transfer.offered"
TRIES_AT_ONCE = 4
LEFT_MS = 180_000  # a transfer whose gateway has said nothing of it for so long is another's to tell; longer than all tries at once
PAUSE_S = 1.0
FORGET_S = 600.0  # so often what is too old is dropped


class Offering:
    """Reads the stream with a group, so that gateways share the work; an entry is settled only when the other side has taken it."""

    def __init__(self, redis: Redis[str], poster: Poster, webhook: Webhook, log: Log, *, most: int, first: float) -> None:
        self._redis, self._poster, self._webhook, self._log = redis, poster, webhook, log
        self._most = most    # rounds of tries before it is given up
        self._first = first  # seconds before the second try of a round; then twice as long each
        self._me = new_id()

    async def run(self) -> None:
        """Tell what is there and what comes, until cancelled."""
        due = 0.0
        while True:
            try:
                if time.monotonic() >= due:
                    await forget_old(self._redis)
                    due = time.monotonic() + FORGET_S
                told = await self.step()
            except RedisError as error:
                self._log.warning("transfers_wait", error=type(error).__name__)
                told = False
            if not told:
                await asyncio.sleep(PAUSE_S)

    async def step(self, left_ms: int = LEFT_MS) -> bool:
        """Tell one transfer: a new one, else one that was left by a gateway or is due again. False if there is none."""
        try:
            new = await self._redis.xreadgroup(GROUP, self._me, {STREAM: ">"}, count=1)
        except ResponseError:  # the group is made with the first look; Redis may also have come back empty
            await self._make_group()
            return False
        entries = new[0][1] if new else (await self._redis.xautoclaim(STREAM, GROUP, self._me, min_idle_time=left_ms, count=1))[1]
        for number, entry in entries:
            await self._offer(number, entry)
        return bool(entries)

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another gateway was faster
                raise

    async def _offer(self, number: str, entry: Mapping[str, str] | None) -> None:
        settled = not entry  # trimmed away meanwhile
        if entry:
            settled = await self._tell(entry) or await self._given_up(number, entry)
        if settled:
            await self._redis.xack(STREAM, GROUP, number)

    async def _tell(self, entry: Mapping[str, str]) -> bool:
        letter = Letter(entry["id"], EVENT, entry["to"], datetime.fromisoformat(entry["at"]), json.loads(entry["data"]))
        tries = AsyncRetrying(stop=stop_after_attempt(TRIES_AT_ONCE), wait=wait_exponential(multiplier=self._first, max=30),
                              retry=retry_if_exception_type(HookAway))
        try:
            async for attempt in tries:
                with attempt:
                    await self._post(letter, attempt.retry_state.attempt_number)
        except (RetryError, HookRefuses):
            return False
        return True

    async def _post(self, letter: Letter, attempt: int) -> None:
        """Post once and log how it went: ids, never words."""
        outcome = "told"
        try:
            await asyncio.to_thread(self._poster.post, self._webhook, letter)
        except (HookAway, HookRefuses) as error:
            outcome = str(error)
            raise
        finally:
            self._log.info("transfer_offered", id=letter.id, to=letter.number, attempt=attempt, result=outcome)

    async def _given_up(self, number: str, entry: Mapping[str, str]) -> bool:
        pending: list[Any] = await self._redis.xpending_range(STREAM, GROUP, min=number, max=number, count=1)
        if not pending or pending[0]["times_delivered"] < self._most:
            return False
        self._log.error("transfer_not_taken", id=entry["id"], to=entry["to"])
        return True


def build_offering(settings: Settings, redis: Redis[str], clock: Callable[[], datetime], log: Log) -> Offering | None:
    """Return what tells the webhook, None where no webhook is set; raises SettingsError, naming the setting and never its value."""
    if not settings.transfer_webhook:
        return None
    secret = settings.transfer_secret.get_secret_value()
    try:
        checked_url(settings.transfer_webhook)
    except UrlRefused as error:
        raise SettingsError(f"invalid setting: HOTLINE_TRANSFER_WEBHOOK ({error})") from None
    try:
        key_of(secret)
    except ValueError:
        raise SettingsError("invalid setting: HOTLINE_TRANSFER_SECRET (whsec_ and base64 of 24 to 64 bytes)") from None
    poster = Poster(settings.webhook_timeout, networks_of(settings.webhook_networks), clock)
    return Offering(redis, poster, Webhook(0, settings.transfer_webhook, secret), log, most=settings.retry_times, first=1.0)
