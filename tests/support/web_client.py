"""A browser that hands tickets in through the gateway until it is killed; a line in its journal is what it was told.

    python -m tests.support.web_client JOURNAL SEED GATEWAY
"""

from __future__ import annotations

import os
import random
import sys
import time
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from tests.support.office import LAMP

PAUSE = 0.5  # seconds; the gateway takes sixty tickets a minute from one address


def main(journal: str, seed: str, gateway: str) -> None:
    """Each ticket has a phone of its own, so that a second one of the same request would show."""
    book, draw = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND), random.Random(seed)
    with httpx.Client(base_url=gateway, timeout=30) as client:
        for _ in count():
            body = {"type": LAMP.type.value, "text": LAMP.text, "region": LAMP.region, "phone": f"139{draw.randrange(10**8):08d}",
                    "request_id": str(UUID(int=draw.getrandbits(128)))}
            os.write(book, f"{_handed_in(client, body)} 2\n".encode())  # 受理 and 派单
            time.sleep(PAUSE)


def _handed_in(client: httpx.Client, body: dict[str, Any]) -> str:
    """Send the same request until it is acknowledged, as a page does; return the ticket's number."""
    while True:
        try:
            answer = client.post("/v1/tickets", json=body)
            if answer.status_code == 201:
                return str(answer.json()["number"])
            assert answer.status_code == 429 or answer.status_code >= 500, answer.text
        except httpx.TransportError:
            pass
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(*sys.argv[1:])
