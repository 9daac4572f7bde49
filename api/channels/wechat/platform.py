"""The platform's own API: an access token that all gateways share, and the customer-service message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping

import httpx
from redis.asyncio import Redis

from api.turn_lock import TurnLock
from core.cipher import Cipher, KeysFaulty

TIMEOUT_S = 5.0
_EARLY_S = 300  # before a token expires a new one is asked for
_STALE = frozenset({40001, 40014, 42001})   # the token is no longer one
_REFUSED = frozenset({44004, 45002, 47001})  # this text will never be taken: empty, too long, not readable


class Unsent(Exception):
    """A text was not taken; `reason` goes to the log. `final`: nor will it ever be."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(frozen=True)
class Account:
    """The official account as the platform knows it."""

    app_id: str
    secret: str


class Platform:
    """`base` is the address of the API."""

    def __init__(self, http: httpx.AsyncClient, base: str, account: Account, redis: Redis[str], lock: TurnLock, cipher: Cipher) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._account = account
        self._redis = redis
        self._lock = lock
        self._cipher = cipher
        self._key = f"hotline:wechat:token:{account.app_id}"

    async def send(self, openid: str, text: str) -> None:
        """Send a text to a person; raise Unsent. A token that is refused is renewed once."""
        token = await self._token()
        code = await self._sent(token, openid, text)
        if code in _STALE:
            code = await self._sent(await self._token(instead_of=token), openid, text)
        if code:
            raise Unsent(f"errcode {code}", code in _REFUSED)

    async def _sent(self, token: str, openid: str, text: str) -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        answer = await self._post("/cgi-bin/message/custom/send", body, {"access_token": token})
        return _code(answer)

    async def _token(self, instead_of: str | None = None) -> str:
        """Return the shared token, a new one where there is none or it is `instead_of`."""
        kept = await self._kept()
        if kept and kept != instead_of:
            return kept
        async with self._lock.hold("wechat:token"):  # a new one may put the one before out of use: one gateway asks
            kept = await self._kept()
            if kept and kept != instead_of:
                return kept
            asked = {"grant_type": "client_credential", "appid": self._account.app_id, "secret": self._account.secret}
            answer = await self._post("/cgi-bin/stable_token", asked)
            token, lasts = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or type(lasts) is not int:
                raise Unsent(f"no token, errcode {_code(answer)}")
            await self._redis.set(self._key, str(self._cipher.hide(token)), ex=max(lasts - _EARLY_S, 30))
            return token

    async def _kept(self) -> str | None:
        try:
            return self._cipher.show(await self._redis.get(self._key))
        except KeysFaulty:  # the keys were renewed
            return None

    async def _post(self, path: str, body: Mapping[str, Any], query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """Post JSON and return JSON; no fault tells the address, which may hold the token."""
        # Written as they are: the platform shows \uXXXX to the person as it stands.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            response = await self._http.post(f"{self._base}{path}", params=query, content=content, headers={"Content-Type": "application/json"})
        except httpx.HTTPError as error:
            raise Unsent(type(error).__name__) from None
        if response.status_code != 200:
            raise Unsent(f"status {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            raise Unsent("not json") from None
        if not isinstance(answer, dict):
            raise Unsent("not json")
        return answer


def _code(answer: Mapping[str, Any]) -> int:
    """Return the platform's error code, 0 for none; what is no number is a fault of the platform's own."""
    code = answer.get("errcode", 0)
    return code if type(code) is int else -1
