"""The gateway's app factory."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import AsyncIterator

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from api import calls, errors, responder, turns
from api.appointments import routes as appointments
from api.background import working
from api.channels import form, further, ivr, operator, operator_stream, rating, signs, stream, web
from api.desk import patience, waking
from api.desk.desk import Desk
from api.desk.offering import build_offering
from api.gateway import build_gateway
from api.health import routes as health
from api.knowledge import routes as knowledge
from api.open311 import routes as open311
from api.photos import routes as photos
from api.photos import staff as staff_photos
from api.ports import Parts
from api.rasa_face import rest, sessions
from api.rasa_face.sockets import RasaSockets
from api.shield import Shield
from api.tickets import caller, staff
from api.tickets import routes as tickets
from core.settings import ROOT, Settings
from knowledge.errors import UnknownItem
from tickets.errors import TicketError

PAGE = ROOT / "web" / "chat"
WIDGET = ROOT / "web" / "widget"
RATE_PAGE = ROOT / "web" / "rate"
PHRASES = (*calls.PHRASES, *responder.PHRASES, *turns.PHRASES, *patience.PHRASES, *waking.PHRASES, *ivr.PHRASES, *operator.PHRASES,
           *rating.PHRASES, *web.PHRASES, *sessions.PHRASES)


def create_app(settings: Settings, parts: Parts, page: Path = PAGE) -> FastAPI:
    """Build the app; raise PhraseMissing if bot/domain lacks a sentence that the gateway must be able to say."""
    parts.phrases.require(PHRASES)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with working(*duties):
            yield
        if rasa_sockets:
            await rasa_sockets.close()
        for channel in channels:
            await channel.close()
        await app.state.gateway.news.close()
        await parts.http.aclose()
        await parts.redis.close()

    # The interactive pages of FastAPI load scripts from foreign hosts: only the description itself is served.
    app = FastAPI(title="12345 热线智能助手", version="1.0", docs_url=None, redoc_url=None, lifespan=lifespan,
                  description="山东省 12345 政务服务便民热线的第一声：问事项、记诉求、转人工。")
    app.state.gateway = build_gateway(settings, parts)
    app.state.desk = Desk(app.state.gateway)
    offering = build_offering(settings, parts.redis, parts.clock, parts.log)
    channels = further(app.state.gateway)
    duties = [app.state.gateway.patience.run, *(duty.run for duty in (offering,) if duty), *(run for channel in channels for run in channel.duties)]
    rasa_sockets = RasaSockets(app.state.gateway) if settings.rasa_clients else None
    errors.install(app, (TicketError, UnknownItem))
    for router in (web.router, signs.router, form.router, stream.router, ivr.router, rating.router, operator.router, operator_stream.router,
                   knowledge.router, tickets.router, caller.router, photos.router, staff.router, staff_photos.router,
                   appointments.router, open311.router, health.router):
        app.include_router(router)
    for channel in channels:
        app.include_router(channel.router)
    if rasa_sockets:
        app.include_router(rest.router)
        app.mount("/socket.io", rasa_sockets.app, name="socket.io")

    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return FileResponse(page / "index.html")

    @app.get("/rate", include_in_schema=False)
    async def rate() -> FileResponse:
        return FileResponse(RATE_PAGE / "index.html")

    app.mount("/rate", StaticFiles(directory=RATE_PAGE), name="rate")
    app.mount("/widget", GZipMiddleware(StaticFiles(directory=WIDGET)), name="widget")
    app.add_middleware(Shield, log=parts.log)
    if settings.allowed_origins:  # around the shield: such a page must be able to read its refusals
        # Tokens travel in headers, so there are no cookies to lend; a key of staff does not pass.
        app.add_middleware(CORSMiddleware, allow_origins=settings.allowed_origins, allow_methods=["GET", "POST"],
                           allow_headers=["Authorization", "Content-Type", "X-Ticket-Proof"])
    return app
