"""The real product under load: on a folder of its own, with two gateways, a key for the exchange, and what the exchange's calls left in the store."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterable

import httpx
import psutil
from redis.asyncio import Redis

from api.calls import conversation_id
from api.conversations import Conversations
from api.keys import KeyStore
from benchmarks.crowd.ledger import Stored, Talk
from cli.keys import create_key
from core.clock import system_clock
from core.db import connect
from core.settings import Settings
from tests.support.running_product import Product, launch


@dataclass(frozen=True)
class Stage:
    """A product that runs, and how to reach its parts. `key` is of role ivr and has the id `key_id`."""

    product: Product
    key: str
    key_id: str

    @property
    def rasa(self) -> tuple[str, ...]:
        """Addresses of all Rasa processes."""
        told = json.loads((self.product.data / "run.json").read_text(encoding="utf-8"))["rasa"]
        return (told,) if isinstance(told, str) else tuple(told)

    def processes(self, part: str) -> list[psutil.Process]:
        """Return the living processes of a part, oldest first; a spare is none yet."""
        spare = json.loads((self.product.data / "run.json").read_text(encoding="utf-8")).get("spare")
        mark = {"rasa": "bot", "actions": "actions", "gateway": "api"}.get(part)
        found = []
        for child in psutil.Process(self.product.process.pid).children():
            try:
                words = child.cmdline()
            except psutil.Error:  # it has just died
                continue
            if words and (words[1:3] == ["-m", mark] and child.pid != spare if mark else Path(words[0]).name.startswith(f"{part}-")):
                found.append(child)
        return sorted(found, key=lambda process: float(process.create_time()))

    def whole(self, part: str, count: int) -> bool:
        """Return whether this part has so many processes again and each of them listens; several gateways share one port."""
        now = self.processes(part)
        try:
            listening = all(any(one.status == psutil.CONN_LISTEN for one in process.connections("tcp")) for process in now)
            return len(now) == count and listening and (part != "rasa" or all(httpx.get(f"{url}/status", timeout=2.0, trust_env=False).is_success
                                                                              for url in self.rasa))
        except (psutil.Error, httpx.HTTPError):
            return False

    def with_calls(self, talks: Iterable[Talk]) -> list[Talk]:
        """Return the conversations with what is stored of the phone's: no caller can ask for it, so it is read from Redis itself."""
        return asyncio.run(self._with_calls(talks))

    async def _with_calls(self, talks: Iterable[Talk]) -> list[Talk]:
        redis: Redis[str] = Redis.from_url(self.processes("gateway")[0].environ()["REDIS_URL"], decode_responses=True)
        try:
            store, found = Conversations(redis, 1), []
            for talk in talks:
                if talk.channel == "ivr":
                    kept = await store.messages(conversation_id(self.key_id, talk.id))
                    talk = replace(talk, stored=tuple(Stored(one["seq"], one["author"], one["text"], one["text"]) for one in kept) or None)
                found.append(talk)
            return found
        finally:
            await redis.close()


def set_up(folder: Path, gateways: int, rasas: int) -> Stage:
    """Start everything, with so many gateways and Rasa processes; raises AssertionError with the logs where it does not come up."""
    try:
        product = launch(folder, HOTLINE_GATEWAYS=str(gateways), HOTLINE_RASA_WORKERS=str(rasas), HOTLINE_RASA_SPARE="1")
        settings = Settings(data_dir=folder)
        key = create_key(settings, "ivr", "benchmark")
        known = KeyStore(connect(settings.database), system_clock).verify(key)
        assert known
        return Stage(product, key, known.id)
    except BaseException:  # Ctrl-C among others: `launch` knows only of its own failures
        for child in psutil.Process().children():
            child.send_signal(signal.SIGINT)
        psutil.wait_procs(psutil.Process().children(), timeout=30)
        raise


def take_down(stage: Stage) -> None:
    """End it, politely at first; what it started ends with it."""
    parts = psutil.Process(stage.product.process.pid).children(recursive=True) if stage.product.process.poll() is None else []
    try:
        stage.product.stop()
    except subprocess.TimeoutExpired:
        pass
    finally:  # whatever came between, nothing may be left running
        if stage.product.process.poll() is None:
            stage.product.process.kill()
            stage.product.process.wait()
        _, left = psutil.wait_procs(parts, timeout=5)
        for process in left:
            process.kill()
