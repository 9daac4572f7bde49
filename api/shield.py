"""What stands around every request: the body limit, the security headers and the last catch for errors."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.ports import Log
from tickets.photos.photo import MOST_BYTES

BODY_LIMIT = 64 * 1024  # 5,000 Chinese characters take 15 kB, escaped as \uXXXX 30 kB
PHOTO_LIMIT = MOST_BYTES + 64 * 1024  # the endpoint itself counts to the byte
_PHOTOS = re.compile(r"/v1/(chat/sessions/[^/]+/)?tickets/[^/]+/photos")
_WORDS = ("/v1/", "/webhooks/", "/socket.io/")  # where answers hold what people said
_WIDGET = "/widget/"  # many small files for pages of others: what these may do is for those pages to say
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
                               "frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(self), geolocation=()",
}
_FOR_FILES = {"X-Content-Type-Options": "nosniff"}


class Shield:
    """ASGI middleware, only CORS is around it: no answer leaves without headers, no error without an envelope."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        path = scope["path"]

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(_FOR_FILES if path.startswith(_WIDGET) else HEADERS)
                # The page's own files are always checked for a newer version.
                headers["Cache-Control"] = "no-store" if path.startswith(_WORDS) else "no-cache"
            await send(message)

        photo = scope["method"] == "POST" and _PHOTOS.fullmatch(path) is not None
        limit = PHOTO_LIMIT if photo else BODY_LIMIT
        if _declared_length(scope) > limit:
            await errors.response("photo_too_large" if photo else "body_too_large")(scope, receive, guarded_send)
            return
        try:
            # What reads a JSON body lets only an HTTPException through; photos are read by their own endpoint.
            await self._app(scope, _limited(receive, limit, errors.ApiError("photo_too_large") if photo else HTTPException(413)), guarded_send)
        except Exception as error:  # the last resort: whatever it was, the reader gets an envelope
            self._log.error("request_failed", path=path, error=type(error).__name__, exc_info=True)
            if not started:
                await errors.response("internal_error")(scope, receive, guarded_send)


def _declared_length(scope: Scope) -> int:
    value = Headers(scope=scope).get("content-length", "0")
    return int(value) if value.isdecimal() else 0


def _limited(receive: Receive, limit: int, refusal: Exception) -> Receive:
    """Count what really arrives: a chunked body declares no length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise refusal
        return message

    return counted


