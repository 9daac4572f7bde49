"""The load itself, a process of its own because locust changes the standard library when it is imported: python -m benchmarks.crowd.load PLAN."""

from __future__ import annotations

import itertools
import json
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any, Iterator

import gevent
from gevent.event import Event
from gevent.pool import Pool
from locust import User, task  # replaces sockets and threads
from locust.env import Environment
from locust.exception import StopUser
from websocket import WebSocketException, create_connection

from benchmarks.crowd import ledger, scripts
from benchmarks.crowd.peers import GIVE_UP_S, Dialogue, Phone, Straight, Web
from benchmarks.crowd.plan import RAMP_S, Plan
from benchmarks.crowd.wire import NoAnswer, Wire

AT_ONCE = 8  # conversations opened or read back at the same time
READS = 5


class Crowd:
    """What the callers of one run share."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stopping = Event()
        self.finished: list[Dialogue] = []
        self._callers: Iterator[tuple[int, str]] = itertools.islice(enumerate(scripts.houses()), plan.first, None)
        self.used = plan.first

    def newcomer(self) -> tuple[int, str]:
        """Return the number and the house of the next caller."""
        self.used += 1
        return next(self._callers)

    def wire(self, number: int, **headers: str) -> Wire:
        """Return a connection from an address of the caller's own, as the proxy before the gateway reports it."""
        address = self.plan.rasa[number % len(self.plan.rasa)] if self.plan.straight else self.plan.gateway
        forwarded = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        return Wire(address, {**forwarded, **headers})

    def pause(self) -> None:
        """Think for a while, or until the run is over."""
        if self.plan.think:
            self.stopping.wait(random.uniform(*self.plan.think))  # noqa: S311  # how long somebody thinks is no secret


class Caller(User):
    """Goes through one script after the other until the run is over."""

    abstract = True

    @task
    def converse(self) -> None:
        crowd: Crowd = self.environment.crowd
        if crowd.stopping.is_set():
            raise StopUser
        number, house = crowd.newcomer()
        dialogue, script = self.meet(crowd, number, house)
        crowd.finished.append(dialogue)
        if not dialogue.begin():
            return
        for step in script.steps:
            crowd.pause()
            if crowd.stopping.is_set() or dialogue.over:
                break
            self._note(dialogue.say(step), dialogue, script)
            while dialogue.peer.more and not dialogue.over:
                self._note(dialogue.say(scripts.GO_ON), dialogue, script)
        dialogue.leave()

    def _note(self, turn: ledger.Turn, dialogue: Dialogue, script: scripts.Script) -> None:
        self.environment.events.request.fire(request_type=dialogue.peer.channel, name=script.name, response_time=turn.ms, response_length=0,
                                             context={}, exception=None if turn.outcome else RuntimeError("unanswered"))

    def meet(self, crowd: Crowd, number: int, house: str) -> tuple[Dialogue, scripts.Script]:
        """Return a new dialogue and what will be said in it."""
        raise NotImplementedError


class WebCaller(Caller):
    weight = 7

    def meet(self, crowd: Crowd, number: int, house: str) -> tuple[Dialogue, scripts.Script]:
        return Dialogue(Web(crowd.wire(number)), house, gevent.sleep), scripts.web(number, house)


class PhoneCaller(Caller):
    weight = 3

    def meet(self, crowd: Crowd, number: int, house: str) -> tuple[Dialogue, scripts.Script]:
        wire = crowd.wire(number, **{"X-API-Key": crowd.plan.key})
        return Dialogue(Phone(wire, f"139000{house}"), house, gevent.sleep), scripts.phone(number, house)


class StraightCaller(Caller):
    def meet(self, crowd: Crowd, number: int, house: str) -> tuple[Dialogue, scripts.Script]:
        return Dialogue(Straight(crowd.wire(number)), house, gevent.sleep), scripts.web(number, house)


def open_idle(crowd: Crowd) -> list[Any]:
    """Open the conversations that only stand open: each has said one thing, and its page listens to the stream. Return the streams."""
    streams: list[Any] = []

    def one(_: int) -> None:
        number, house = crowd.newcomer()
        wire = crowd.wire(number)
        dialogue = Dialogue(Web(wire), house, gevent.sleep)
        crowd.finished.append(dialogue)
        if not dialogue.begin():
            return
        dialogue.say(scripts.web(number, house).steps[0])
        dialogue.peer.rest()
        address = crowd.plan.gateway.replace("http", "ws", 1)
        try:
            stream = create_connection(f"{address}/v1/chat/sessions/{dialogue.peer.id}/stream?after=0", timeout=15,
                                       subprotocols=["hotline", dialogue.peer.token],
                                       header=[f"X-Forwarded-For: {wire.headers['X-Forwarded-For']}"])
        except (WebSocketException, OSError):
            return
        stream.settimeout(None)
        streams.append(stream)
        gevent.spawn(_listen, stream)

    Pool(AT_ONCE).map(one, range(crowd.plan.idle))
    return streams


def _listen(stream: Any) -> None:
    try:
        while stream.recv():
            pass
    except (WebSocketException, OSError):
        stream.connected = False


def read_back(crowd: Crowd) -> list[ledger.Talk]:
    """Ask the product for every web conversation; what the phone's say is read elsewhere."""
    def one(dialogue: Dialogue) -> ledger.Talk:
        if dialogue.peer.channel != "web" or not dialogue.peer.id:
            return dialogue.talk()
        for _ in range(READS):
            try:
                return dialogue.talk(dialogue.peer.kept())
            except NoAnswer:
                gevent.sleep(1.0)
            finally:
                dialogue.peer.rest()
        return dialogue.talk()

    return list(Pool(AT_ONCE).map(one, crowd.finished))


def run(plan: Plan) -> None:
    """Live the plan and write what happened beside it; SIGTERM ends it early and in order."""
    crowd = Crowd(plan)
    gevent.signal_handler(signal.SIGTERM, crowd.stopping.set)
    gevent.signal_handler(signal.SIGINT, crowd.stopping.set)
    streams = open_idle(crowd)
    environment = Environment(user_classes=[StraightCaller] if plan.straight else [WebCaller, PhoneCaller] if plan.phones else [WebCaller])
    environment.crowd = crowd
    runner = environment.create_local_runner()
    began = time.monotonic()
    runner.start(plan.active, spawn_rate=max(1.0, plan.active / RAMP_S))
    while not crowd.stopping.is_set() and time.monotonic() - began < plan.seconds:
        _say(seconds=round(time.monotonic() - began, 1), turns=environment.stats.total.num_requests, unanswered=environment.stats.total.num_failures)
        crowd.stopping.wait(0.5)
    ended = time.monotonic()
    crowd.stopping.set()
    while runner.user_count and time.monotonic() - ended < GIVE_UP_S + 30:
        gevent.sleep(0.1)
    runner.quit()
    held = sum(bool(stream.connected) for stream in streams)
    ledger.write(Path(plan.into), read_back(crowd))
    _say(began=began, ended=ended, used=crowd.used, streams=len(streams), held=held)
    sys.stdout.flush()


def _say(**facts: float) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201  # the process that started this one reads it


if __name__ == "__main__":
    run(Plan.read(Path(sys.argv[1])))
