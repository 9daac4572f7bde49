"""`hotline desk` while it runs: steps of the model, and what they want done in the world."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace
from typing import Any, Coroutine, Mapping, Optional

from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

from cli.desk import commands, hearing
from cli.desk.link import Link, Refused, Unreached
from cli.desk.model import Desk, Effect, Fetch, Fill, Next, Quit, Ring, Send, Step
from cli.desk.picture import Picture, Place, picture
from cli.desk.screen import Screen
from core.clock import system_clock


class Program:
    """One seat: the state, its screen and its line to the gateway."""

    def __init__(self, url: str, key: str, skills: tuple[str, ...], region: Optional[str], place: Place, input: Optional[Input] = None,
                 output: Optional[Output] = None) -> None:
        self._desk = Desk(prefix=f"desk-{secrets.token_hex(6)}", skills=skills, region=region, notice="正在连接……")
        self._place = place
        self._link = Link(url, key, lambda frame: self._take(hearing.hear(self._timed(), frame)), lambda: self._take(hearing.linked(self._timed())),
                          lambda why: self._take(hearing.cut_off(self._timed(), why)))
        self._screen = Screen(self._draw, lambda line: self._take(commands.enter(self._timed(), line)), self._on_key,
                              lambda number: self._take(commands.switch(self._timed(), number)),
                              lambda text: self._take(commands.typing(self._timed(), text)), input, output)
        self._running: set["asyncio.Task[None]"] = set()

    async def run(self) -> None:
        """Work until the person leaves; raise Refused or Unreached before the screen opens, Refused when the key becomes worthless."""
        try:
            await self._link.check()
            jobs = [asyncio.ensure_future(job) for job in (self._screen.app.run_async(), self._link.run(), self._tick())]
            done, others = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            if jobs[0] not in done:
                self._screen.app.exit()
                await jobs[0]
            for job in (*others, *self._running):
                job.cancel()
            await asyncio.gather(*others, *self._running, return_exceptions=True)
            for job in done:
                job.result()
        finally:
            await self._link.close()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._take(hearing.tick(self._timed()))

    def _timed(self) -> Desk:
        return replace(self._desk, now=time.monotonic())

    def _draw(self, columns: int, rows: int) -> Picture:
        return picture(self._timed(), columns, rows, system_clock(), self._place)

    def _on_key(self, name: str) -> None:
        self._take(commands.KEYS[name](self._timed()))

    def _take(self, step: Step) -> None:
        after, effects = step
        before, text = self._desk, self._screen.text
        exchanged, words = commands.exchange(before, after, text)
        self._desk, told = hearing.reading(exchanged)
        if words != text:
            self._fill(words)
        for effect in (*effects, *told):
            self._do(effect)
        self._screen.app.invalidate()

    def _fill(self, text: str) -> None:
        """Put words into the input line; that is nobody's typing."""
        typed, self._desk = self._desk, replace(self._desk, typing_told=time.monotonic())
        self._screen.text = text
        self._desk = replace(self._desk, typing_told=typed.typing_told)

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Send):
            self._link.send(effect.frame)
        elif isinstance(effect, Fetch):
            self._start(self._ask(self._link.package(effect.id)))
        elif isinstance(effect, Next):
            self._start(self._ask(self._link.next(effect.wish)))
        elif isinstance(effect, Ring):
            self._screen.ring()
        elif isinstance(effect, Fill):
            self._fill(self._screen.text + effect.text if effect.add else effect.text)
        elif isinstance(effect, Quit) and self._screen.app.is_running:
            self._screen.app.exit()

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(job)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _ask(self, call: Coroutine[Any, Any, Mapping[str, Any]]) -> None:
        try:
            frame = await call  # the desk goes on meanwhile: its state is read after
            self._take(hearing.hear(self._timed(), frame))
        except (Unreached, Refused) as error:
            self._take((self._timed().tell(str(error)), ()))
