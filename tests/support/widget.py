"""The widget's hands and eyes in a test."""

from __future__ import annotations

from typing import Any

import httpx
from playwright.sync_api import Page

_HELD = """() => {
  try {
    const name = Object.keys(localStorage).find((name) => name.endsWith(':session'));
    const held = name && JSON.parse(localStorage[name]);
    return held && held.id ? held : null;
  } catch { return null }
}"""


def say(page: Page, text: str) -> None:
    """Write and send."""
    page.fill(".composer textarea", text)
    page.press(".composer textarea", "Enter")


def held(page: Page) -> dict[str, Any]:
    """Return id and token of the conversation that the browser keeps."""
    found: dict[str, Any] = page.wait_for_function(_HELD).json_value()
    return found


def take_over(page: Page, address: str, operator: dict[str, str], text: str = "我来帮您。") -> None:
    """Let a person claim the page's conversation and say something."""
    id = held(page)["id"]
    for act, body in (("claim", None), ("messages", {"text": text})):
        httpx.post(f"{address}/v1/operator/conversations/{id}/{act}", headers=operator, json=body, trust_env=False).raise_for_status()
