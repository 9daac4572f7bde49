"""One part after the other is killed while callers talk; how long it takes until everything answers as before."""

from __future__ import annotations

import signal
import time
from typing import Callable, Sequence

import httpx

from benchmarks.crowd.runs import LONGEST_S, Blow
from benchmarks.crowd.stage import Stage

VICTIMS = ("rasa", "actions", "gateway", "redis")
CALM_S, REST_S = 10.0, 20.0  # before a blow, and after the recovery: callers who repeat have come through by then
PROBES = 4  # conversations, so that of several gateways and Rasa processes each gets one
REQUEST = "历下区千佛山路{house}号门口的井盖没了"  # only Rasa and the action server together can take this up
PAUSE_S = 0.2


def strike(stage: Stage, part: str) -> Blow:
    """Kill one process of a part, with no chance to tidy up, and wait until the supervisor has brought it back."""
    before = stage.processes(part)
    at = time.monotonic()
    before[0].send_signal(signal.SIGKILL)
    while time.monotonic() - at < LONGEST_S:
        if before[0] not in stage.processes(part) and stage.whole(part, len(before)) and answers(stage.product.base):
            return Blow(part, at, time.monotonic() - at)
        time.sleep(PAUSE_S)
    return Blow(part, at, None)


def strikes(stage: Stage, parts: Sequence[str], told: Callable[[str], None], alive: Callable[[], bool]) -> list[Blow]:
    """Strike each part in turn, with quiet before and after, for as long as the callers are there."""
    blows = []
    for part in parts:
        time.sleep(CALM_S)
        if not alive():
            break
        told(part)
        blows.append(strike(stage, part))
        time.sleep(REST_S)
    return blows


def answers(address: str) -> bool:
    """Return whether the product says that it is ready and new conversations get what only the whole of it can say."""
    try:
        return all(_taken_up(address, number) for number in range(PROBES))
    except (httpx.HTTPError, KeyError, ValueError):
        return False


def _taken_up(address: str, number: int) -> bool:
    tick = time.monotonic_ns()
    caller = {"X-Forwarded-For": f"172.16.{tick >> 20 & 255}.{tick >> 12 & 255}"}  # of its own each time: none is turned away
    with httpx.Client(base_url=address, timeout=5.0, trust_env=False, headers=caller) as http:  # a new connection may meet another gateway
        if not http.get("/health/ready").is_success:
            return False
        session = http.post("/v1/chat/sessions", json={}).json()
        body = {"text": REQUEST.format(house=100_000 + number), "client_message_id": f"probe-{number}"}
        said = http.post(f"/v1/chat/sessions/{session['session_id']}/messages", json=body, headers={"Authorization": f"Bearer {session['token']}"})
        return said.is_success and said.json()["outcome"] == "ticket_form"
