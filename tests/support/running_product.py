"""The whole product, started as a user starts it, on a data folder and a port of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cli.supervisor import free_port
from core.settings import ROOT

PATIENCE = 240.0  # seconds for a cold start on two busy cores


@dataclass
class Product:
    """A running product and the ways to talk to it."""

    base: str
    data: Path
    process: "subprocess.Popen[bytes]"

    @property
    def redis_url(self) -> str:
        """Where its own Redis listens, with its password."""
        words = dict(line.split(" ", 1) for line in (self.data / "redis" / "redis.conf").read_text().splitlines())
        return f"redis://:{words['requirepass']}@127.0.0.1:{words['port']}/0"

    def http(self, **headers: str) -> httpx.Client:
        """Return a client of the gateway."""
        return httpx.Client(base_url=self.base, timeout=15.0, trust_env=False, headers=headers)

    def chat(self, region: str | None = None) -> "Chat":
        """Open a web chat session."""
        return Chat(self.http(), region)

    def call(self, key: str, caller: str = "13800138000", region: str | None = None) -> "Call":
        """Start a phone call."""
        return Call(self.http(**{"X-API-Key": key}), caller, region)

    def hotline(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line on this product's data folder."""
        environment = {**os.environ, "HOTLINE_DATA_DIR": str(self.data), "COLUMNS": "200", "NO_COLOR": "1"}
        return subprocess.run([sys.executable, "-m", "cli.main", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    def child(self, name: str) -> int:
        """Return the process id of a part as it was started first."""
        return int(json.loads((self.data / "run.json").read_text())["children"][name])

    def stop(self) -> int:
        """Ask it to stop as Ctrl-C does and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def launch(data: Path, **environment: str) -> Product:
    """Run `hotline serve` and wait until the gateway says that all parts are ready."""
    port = free_port()
    settings = {**os.environ, "HOTLINE_DATA_DIR": str(data), "HOTLINE_PORT": str(port), "NO_COLOR": "1", "HOTLINE_RASA_SPARE": "0", **environment}
    with (data / "serve.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "cli.main", "serve"], cwd=ROOT, env=settings, stdout=log, stderr=log)
    product = Product(f"http://127.0.0.1:{port}", data, process)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if ready(product):
            return product
        time.sleep(0.5)
    process.kill()
    logs = "\n".join(path.read_text(errors="replace")[-1500:] for path in [data / "serve.log", *sorted((data / "logs").glob("*.log"))])
    raise AssertionError(f"the product did not start:\n{logs}")


def ready(product: Product) -> bool:
    """Return whether every part answers."""
    try:
        return product.http().get("/health/ready").is_success
    except httpx.HTTPError:
        return False


class Chat:
    """One web chat."""

    def __init__(self, http: httpx.Client, region: str | None) -> None:
        session = http.post("/v1/chat/sessions", json={"region": region} if region else {}).json()
        self.id: str = session["session_id"]
        self.greeting: str = session["greeting"]["text"]
        self.http = http
        self.http.headers["Authorization"] = f"Bearer {session['token']}"

    def say(self, text: str) -> dict[str, Any]:
        """Send one message and return the turn, with the bot's words joined under `said`."""
        answer = self.http.post(f"/v1/chat/sessions/{self.id}/messages", json={"text": text, "client_message_id": uuid.uuid4().hex})
        assert answer.status_code == 200, answer.text
        turn: dict[str, Any] = answer.json()
        turn["said"] = "".join(message["text"] for message in turn["messages"] if message["author"] == "bot")
        turn["options"] = next((message["options"] for message in reversed(turn["messages"]) if message.get("options")), None)
        turn["card"] = next((message["card"] for message in reversed(turn["messages"]) if message.get("card")), None)
        return turn

    def tell(self, *texts: str) -> dict[str, Any]:
        """Send several messages and return the last turn."""
        return [self.say(text) for text in texts][-1]


class Call:
    """One phone call."""

    def __init__(self, http: httpx.Client, caller: str, region: str | None) -> None:
        self.http = http
        self.id = uuid.uuid4().hex
        body = {"call_id": self.id, "caller": caller, **({"region": region} if region else {})}
        answer = http.post("/v1/ivr/calls", json=body)
        assert answer.is_success, answer.text
        self.opening: dict[str, Any] = answer.json()

    def turn(self, **said: Any) -> dict[str, Any]:
        """Send text, dtmf or silence; return prompt, expects, action and outcome."""
        answer = self.http.post(f"/v1/ivr/calls/{self.id}/turns", json=said)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def say(self, text: str, confidence: float = 0.9) -> dict[str, Any]:
        """Speak."""
        return self.turn(text=text, confidence=confidence)
