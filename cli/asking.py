"""`hotline ask` and `hotline chat`: a caller in the terminal, through the running gateway."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from cli.paths import run_file
from core.settings import Settings


class NotUnderstood(Exception):
    """The gateway is not there or refused; the message says what to do."""


class GatewayClient:
    """One chat session over HTTP."""

    def __init__(self, base: str, region: str | None) -> None:
        self._http = httpx.Client(base_url=base, timeout=10.0, trust_env=False)
        session = self._post("/v1/chat/sessions", {"region": region} if region else {})
        self._path = f"/v1/chat/sessions/{session['session_id']}/messages"
        self._http.headers["Authorization"] = f"Bearer {session['token']}"
        self.greeting: str = (session.get("greeting") or {}).get("text", "")

    def send(self, text: str) -> dict[str, Any]:
        """Send one message; return the turn as the gateway tells it."""
        return self._post(self._path, {"text": text, "client_message_id": uuid.uuid4().hex})

    def match(self, text: str, region: str | None) -> dict[str, Any]:
        """Return what the knowledge base makes of the text."""
        return self._post("/v1/knowledge/match", {"text": text[:500], **({"region": region} if region else {})})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self._http.post(path, json=body)
        except httpx.HTTPError:
            raise NotUnderstood("网关没有应答。请先在另一个窗口运行 make serve。") from None
        if answer.is_error:
            try:
                message = answer.json()["error"]["message"]
            except (ValueError, KeyError, TypeError):
                message = f"HTTP {answer.status_code}"
            raise NotUnderstood(str(message))
        return dict(answer.json())


def gateway(settings: Settings) -> str:
    """Return the address of the product running on this data folder; raise NotUnderstood when there is none."""
    try:
        return str(json.loads(run_file(settings).read_text())["gateway"])
    except (OSError, ValueError, KeyError):
        raise NotUnderstood("热线助手没有在运行。请先在另一个窗口运行 make serve。") from None


def print_turn(console: Console, turn: dict[str, Any]) -> None:
    """Print the messages of a turn, with the options and the ticket they offer."""
    for message in turn["messages"]:
        if message["author"] != "caller":
            console.print(Panel(escape(message["text"]), border_style="green", width=min(console.width, 90)), highlight=False)
        for row in (message.get("card") or {}).get("rows", []):
            console.print(f"  [bold]{row['title']}[/]  " + escape("；".join(row["lines"])), highlight=False)
        if message.get("options"):
            console.print("  可选：" + escape("　".join(message["options"])), highlight=False)


def ask_once(console: Console, settings: Settings, text: str, region: str | None) -> None:
    """Ask one question of the running product and print route, match, facet and answer."""
    client = GatewayClient(gateway(settings), region)
    match = client.match(text, region)
    turn = client.send(text)
    best = "、".join(f"{c['name']} {c['score']:.2f}" for c in match["candidates"][:3]) or "无"
    console.print(f"[bold]走向[/]  {turn['outcome']}" + (f"（{turn['ticket_type']}）" if turn.get("ticket_type") else ""), highlight=False)
    console.print(f"[bold]匹配[/]  {match['decision']}：{best}", highlight=False)
    console.print(f"[bold]要素[/]  {turn.get('facet') or match.get('facet') or '未指明'}", highlight=False)
    print_turn(console, turn)


def chat_on(console: Console, settings: Settings, region: str | None) -> None:
    """Talk until an empty end of input or 退出."""
    client = GatewayClient(gateway(settings), region)
    if client.greeting:
        console.print(Panel(escape(client.greeting), border_style="green", width=min(console.width, 90)))
    while True:
        try:
            text = console.input("[bold]您：[/]").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if text in ("退出", "exit", "quit"):
            return
        if text:
            try:
                print_turn(console, client.send(text))
            except NotUnderstood as error:
                console.print(f"[red]{escape(str(error))}[/]")
