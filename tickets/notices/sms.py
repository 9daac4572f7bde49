"""Messages through a gateway for text messages that speaks HTTP and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from tickets.errors import NoticeFailed, NoticeRefused
from tickets.notices.message import Message

# Answers of the 400s that say "later": timeout, the same key is still being worked on, too early, too many.
_LATER = frozenset({408, 409, 425, 429})
_MOST_READ = 8192  # bytes of an answer


@dataclass(frozen=True)
class SmsGateway:
    """Posts each message to `url`: `body` is JSON whose texts hold {phone}, {text} and {id}; `key` goes into `key_header`.

    `success`, as ("code", "0"), is what the answer's JSON must say where a gateway answers 200 to everything.
    """

    url: str
    body: Any
    client: httpx.Client = field(repr=False)
    key: str = field(default="", repr=False)
    key_header: str = "Authorization"
    success: tuple[str, str] | None = None

    def deliver(self, message: Message) -> None:
        """Post the message; NoticeRefused for an answer of the 300s and 400s, NoticeFailed for the 500s, no answer, or no success."""
        headers = {"Idempotency-Key": message.id, **({self.key_header: self.key} if self.key else {})}
        try:
            with self.client.stream("POST", self.url, json=_filled(self.body, message), headers=headers) as answer:
                _check(answer.status_code)
                said = _beginning(answer) if self.success else b""
        except httpx.HTTPError as error:
            raise NoticeFailed(f"SMS: {type(error).__name__}") from None
        if self.success and not _says(said, *self.success):
            raise NoticeFailed(f"SMS: the answer does not say {'='.join(self.success)}")


def sms_client(timeout: float) -> httpx.Client:
    """Return a client for one gateway (`timeout` in seconds): it follows no redirects and takes no proxy from the environment."""
    return httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)


def _check(status: int) -> None:
    if status < 300:
        return
    if status >= 500 or status in _LATER:
        raise NoticeFailed(f"SMS: {status}")
    raise NoticeRefused(f"SMS: {status}")


def _filled(body: Any, message: Message) -> Any:
    """Fill the blanks inside JSON's own texts, so that nothing in a message can change the shape of the body."""
    if isinstance(body, dict):
        return {name: _filled(value, message) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, message) for value in body]
    if not isinstance(body, str):
        return body
    return body.replace("{phone}", message.phone).replace("{id}", message.id).replace("{text}", message.text)  # text last: it is not ours


def _beginning(answer: httpx.Response) -> bytes:
    read = b""
    for chunk in answer.iter_bytes(1024):
        read += chunk
        if len(read) > _MOST_READ:
            break
    return read[:_MOST_READ]


def _says(answer: bytes, name: str, value: str) -> bool:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or name not in said:
        return False
    found = said[name]
    return (found if isinstance(found, str) else json.dumps(found)) == value
