"""JSON over one kept connection, and never a request twice: most clients repeat by themselves what a dead server has left unanswered."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection, HTTPException
from typing import Any, Mapping
from urllib.parse import urlsplit

PATIENCE_S = 15.0
FRESH_S = 2.0  # a connection that has rested longer may be closed by the server at any moment


class NoAnswer(Exception):
    """The request came to nothing; `fault` says what became of it in a few words."""

    def __init__(self, fault: str, status: int = 0) -> None:
        super().__init__(fault)
        self.fault = fault
        self.status = status


class Wire:
    """Asks one address; a lost connection is opened anew for the next request."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        self._address = urlsplit(address)
        self.headers = {"Content-Type": "application/json", **headers}
        self._connection: HTTPConnection | None = None
        self._used = 0.0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of a success, None for an empty one; raise NoAnswer."""
        try:
            connection = self._connected()
            connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(type(error).__name__) from None
        self._used = time.monotonic()
        try:
            answer = json.loads(content) if content else None
        except ValueError:
            raise NoAnswer(f"{status} without JSON", status) from None
        if not 200 <= status < 300:
            told = answer.get("error") if isinstance(answer, dict) else None
            raise NoAnswer(f"{status} {told.get('code')}" if isinstance(told, dict) and told.get("message") else f"{status} unexplained", status)
        return answer

    def close(self) -> None:
        """Let the connection go."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _connected(self) -> HTTPConnection:
        if self._connection and time.monotonic() - self._used > FRESH_S:
            self.close()
        if self._connection is None:
            self._connection = HTTPConnection(self._address.hostname or "127.0.0.1", self._address.port, timeout=PATIENCE_S)
        return self._connection
