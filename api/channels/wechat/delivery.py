"""What did not go out as an answer goes out by itself: follow-ups, the words of people, what a gateway that died left behind."""

from __future__ import annotations

import asyncio
import time

from redis.exceptions import RedisError

from api.background import stop
from api.channels.wechat.platform import Platform, Unsent
from api.channels.wechat.post import NEWS, Post
from api.channels.wechat.taking import Taking
from api.conversations import channel_of
from api.errors import ApiError
from api.gateway import Gateway
from api.news import Listener
from api.turn_lock import TurnLock
from core.cipher import KeysFaulty

PAUSE_S = 1.0
BUSY_S = 0.5        # another gateway has this person in hand
LONGEST_S = 300.0   # between two tries
AT_ONCE = 20
_HEARD_AGAIN_S = 3600.0  # so often it is looked through who need not be listened for any more
_OVERLAP_S = 60


def pause_after(failures: int) -> float:
    """Return the seconds until the next try after so many failures in a row."""
    return min(2.0 ** min(failures, 20), LONGEST_S)


class Delivery:
    """Runs in every gateway; a person is looked at by one of them at a time."""

    def __init__(self, gateway: Gateway, post: Post, taking: Taking, platform: Platform) -> None:
        self._gateway = gateway
        self._log = gateway.parts.log
        self._post = post
        self._taking = taking
        self._platform = platform
        self._lock = TurnLock(gateway.parts.redis, wait=0.2)
        self._listened: dict[str, str] = {}  # channel of a conversation -> its person
        self._known, self._look_through = 0, 0.0

    async def run(self) -> None:
        """Look after everybody until cancelled; no fault ends it."""
        work = asyncio.ensure_future(self._follow())
        try:
            await asyncio.wait({work})  # loses no cancellation, as what is waited for within it may
        finally:
            await stop([work])

    async def _follow(self) -> None:
        with self._gateway.news.listen(NEWS) as news:
            while True:
                try:
                    channel = await news.next(PAUSE_S)
                    while channel:
                        await self._heard(news, channel)
                        channel = await news.next(0)
                    while await self.step():
                        pass
                except RedisError as error:
                    self._log.warning("wechat_waits", error=type(error).__name__)
                    await asyncio.sleep(PAUSE_S)
                except Exception as error:  # one person's fault must not leave all others without an answer
                    self._log.error("wechat_fault", error=type(error).__name__, exc_info=True)
                    await asyncio.sleep(PAUSE_S)

    async def step(self) -> bool:
        """Look at those whose time has come; True if there were any."""
        mark, people = await self._post.claim(AT_ONCE)
        for done in await asyncio.gather(*(self._look(person, mark) for person in people), return_exceptions=True):
            if isinstance(done, Exception):
                raise done
        return bool(people)

    async def _heard(self, news: Listener, channel: str) -> None:
        if channel != NEWS:
            if person := self._listened.get(channel):
                await self._post.wake(person)
            return
        through = time.monotonic() >= self._look_through
        now = await self._post.now()
        people = await self._post.people(0 if through else self._known - _OVERLAP_S)
        self._known = now
        wanted = {channel_of(conversation): person for person, conversation in people.items()}
        gone = [name for name, person in self._listened.items() if name not in wanted and (through or person in people)]
        for name in gone:
            news.unsubscribe(name)
            del self._listened[name]
        for name in wanted.keys() - self._listened.keys():
            news.subscribe(name)
        self._listened |= wanted
        self._look_through = time.monotonic() + _HEARD_AGAIN_S if through else self._look_through

    async def _look(self, person: str, mark: str) -> None:
        delay: float | None = BUSY_S
        try:
            async with self._lock.hold(f"wechat:{person}"):
                delay = await self._served(person)
        except ApiError:  # he is being answered
            pass
        except KeysFaulty:  # his next message brings his address again
            self._log.error("wechat_address_unreadable")
            delay = LONGEST_S
        await self._post.settle(person, mark, delay)

    async def _served(self, person: str) -> float | None:
        """Take, collect and send all there is; return after how many seconds to look again, None if not before something happens."""
        await self._taking.all(person)
        known = await self._post.find(person)
        if not known.openid:
            if left := await self._post.forget(person):
                self._log.error("wechat_undelivered", person=person, texts=left)
            return None
        await self._taking.collect(person)
        while text := await self._post.next_out(person):
            try:
                await self._platform.send(known.openid, text)
            except Unsent as fault:
                self._log.warning("wechat_unsent", person=person, reason=fault.reason, final=fault.final)
                if not fault.final:
                    return pause_after(await self._post.failed(person))
            await self._post.sent(person, text)
        return None
