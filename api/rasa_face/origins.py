"""The door of the Socket.IO server: which pages may come in, and how fast."""

from __future__ import annotations

from typing import Collection

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.errors import ApiError
from api.origins import allowed
from api.rates import ADDRESS_MESSAGES, Rates, address_of


class Door:
    """ASGI: stands before the Socket.IO server; refuses foreign pages, and who opens connections too fast."""

    def __init__(self, app: ASGIApp, others: Collection[str], rates: Rates) -> None:
        self._app = app
        self._others = others
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        refusal = None if allowed(headers.get("origin"), headers.get("host"), self._others) else "forbidden"
        connection = HTTPConnection(scope)
        if refusal is None and not connection.query_params.get("sid"):  # the first request of a connection
            try:
                await self._rates.check("sockets", address_of(connection), ADDRESS_MESSAGES)
            except ApiError as error:
                refusal = error.code
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await errors.response(refusal)(scope, receive, send)
