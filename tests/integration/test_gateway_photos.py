"""Photos over HTTP: who may send one, what is taken, who sees it."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any, AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from PIL import Image
from sqlalchemy import insert

from api.conversations import new_message
from api.errors import ApiError
from api.main import create_app
from api.photos.uploads import Uploads, body_of
from api.ports import Parts
from api.shield import BODY_LIMIT
from core.db import connect
from core.settings import Settings
from tests.support.clamd_server import EVIL, Clamd, running
from tests.support.gateway_fakes import NOW, RecordingLog
from tests.support.gateway_fixtures import Chat, begin_chat, key_headers
from tests.support.pictures import PLACE_MARK, photo, with_archive, with_exif
from tickets.bootstrap import build_album
from tickets.model import Act, Role
from tickets.photos.errors import PhotoTooLarge, PhotoUnreadable
from tickets.photos.photo import MOST_BYTES, Photo
from tickets.store.photos import ticket_photos

pytest_plugins = ("tests.support.gateway_fixtures",)
LAMP = {"type": "求助", "text": "小区门口路灯坏了一个月没人修", "region": "370102", "name": "王建国", "phone": "13800001234"}
PROOF = {"X-Ticket-Proof": "1234"}
SENT = photo(400, 300)


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def opened(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/tickets", json={**LAMP, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def number(client: httpx.AsyncClient) -> str:
    return str((await opened(client))["number"])


async def send(client: httpx.AsyncClient, number: str, data: Any = SENT, headers: dict[str, str] = PROOF, **query: str) -> httpx.Response:
    return await client.post(f"/v1/tickets/{number}/photos", content=data, headers=headers, params=query)


async def by_chat(chat: Chat, number: str, data: Any = SENT, **query: str) -> httpx.Response:
    return await chat.client.post(f"/v1/chat/sessions/{chat.id}/tickets/{number}/photos", content=data, headers=chat.headers, params=query)


async def show_card(app: FastAPI, chat: Chat, number: str, kind: str = "ticket") -> None:
    card = {"kind": kind, "number": number, "rows": []}
    await app.state.gateway.conversations.append(chat.id, [new_message("bot", "登记好了。", NOW, card=card)])


class Body:
    """A body that knows how much of it was asked for."""

    def __init__(self, parts: int = 3, part: bytes = SENT) -> None:
        self.parts, self.part, self.asked = parts, part, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.parts):
            self.asked += 1
            yield self.part


# --- who may send ----------------------------------------------------------------------------------------------------
async def test_who_proves_a_ticket_adds_a_photo_to_it(client: httpx.AsyncClient, number: str) -> None:
    answer = await send(client, number)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (set(told), told["media_type"], told["width"], told["height"]) == ({"id", "media_type", "width", "height", "bytes"}, "image/jpeg", 400, 300)
    assert (await client.get(f"/v1/tickets/{number}", headers=PROOF)).json()["photos"] == 1


async def test_digits_whole_phone_and_code_prove_as_for_looking_it_up(client: httpx.AsyncClient, number: str) -> None:
    for proof in ("1234", "13800001234"):
        assert (await send(client, number, headers={"X-Ticket-Proof": proof})).status_code == 201
    ticket = await opened(client, anonymous=True, phone=None, name=None)
    assert (await send(client, ticket["number"], headers={"X-Ticket-Proof": ticket["code"]})).status_code == 201
    assert error(await send(client, ticket["number"], headers={"X-Ticket-Proof": "00000000"})) == (404, "ticket_not_found")


async def test_of_a_stranger_not_even_the_body_is_read(client: httpx.AsyncClient, number: str) -> None:
    body = Body()
    for proof, refusal in ((None, (422, "proof_required")), ("9999", (404, "ticket_not_found")), ("abc", (422, "invalid_request"))):
        assert error(await send(client, number, body, {"X-Ticket-Proof": proof} if proof else {})) == refusal
    assert body.asked == 0


async def test_wrong_proofs_are_counted_with_those_of_looking_up(client: httpx.AsyncClient, parts: Parts, number: str) -> None:
    most = parts.tickets.policy.attempts.per_number  # type: ignore[attr-defined]
    for _ in range(most):
        assert (await send(client, number, headers={"X-Ticket-Proof": "9999"})).status_code == 404
    assert error(await client.get(f"/v1/tickets/{number}", headers={"X-Ticket-Proof": "9999"})) == (429, "too_many_attempts")
    assert error(await send(client, number)) == (429, "too_many_attempts")


async def test_a_chat_adds_photos_to_the_ticket_that_it_showed(app: FastAPI, chat: Chat, number: str) -> None:
    await show_card(app, chat, number)
    assert (await by_chat(chat, number)).status_code == 201


async def test_a_chat_in_which_the_ticket_was_not_shown_is_a_strangers(app: FastAPI, client: httpx.AsyncClient, chat: Chat, number: str) -> None:
    other = await begin_chat(client)
    await show_card(app, other, number)
    await show_card(app, chat, number, kind="item")
    await show_card(app, chat, "2026110100000001")
    body = Body()
    assert (error(await by_chat(chat, number, body)), body.asked) == ((404, "ticket_not_found"), 0)
    await chat.say(f"我的工单号是{number}")
    assert error(await by_chat(chat, number)) == (404, "ticket_not_found"), "saying a number shows no ticket"


async def test_a_chat_is_opened_by_its_token_alone(app: FastAPI, client: httpx.AsyncClient, chat: Chat, number: str) -> None:
    await show_card(app, chat, number)
    body = Body()
    for headers in ({}, {"Authorization": "Bearer wrong"}, PROOF):
        answer = await client.post(f"/v1/chat/sessions/{chat.id}/tickets/{number}/photos", content=body, headers=headers)
        assert error(answer) == (401, "unauthorised")
    assert body.asked == 0


# --- what is taken ---------------------------------------------------------------------------------------------------
async def test_the_content_decides_and_not_what_is_declared(client: httpx.AsyncClient, number: str) -> None:
    for declared in ("image/png", "application/json", "text/html", "multipart/form-data; boundary=x"):
        assert (await send(client, number, headers={**PROOF, "Content-Type": declared})).json()["media_type"] == "image/jpeg"
    assert error(await send(client, number, b"<svg/>", {**PROOF, "Content-Type": "image/jpeg"})) == (422, "photo_unreadable")


async def test_the_same_photo_sent_again_is_kept_once(client: httpx.AsyncClient, number: str) -> None:
    id = str(uuid4())
    first, body = await send(client, number, photo_id=id), Body()
    again = await send(client, number, body, photo_id=id)
    assert (again.status_code, again.json(), body.asked) == (201, first.json(), 0)
    assert (await client.get(f"/v1/tickets/{number}", headers=PROOF)).json()["photos"] == 1
    assert error(await send(client, number, photo_id="../../etc/passwd")) == (422, "invalid_request")


async def test_a_seventh_photo_is_refused_before_it_is_read(client: httpx.AsyncClient, number: str, settings: Settings) -> None:
    kept = await send(client, number)
    row = Photo(**kept.json(), number=number, sha256="0" * 64, at=NOW)
    with connect(settings.database).write() as connection:
        connection.execute(insert(ticket_photos), [{**vars(row), "id": f"{n:032x}"} for n in range(5)])
    body = Body()
    assert (error(await send(client, number, body)), body.asked) == ((409, "too_many_photos"), 0)


async def test_a_ticket_taken_back_takes_no_photo_as_it_takes_no_words(client: httpx.AsyncClient, parts: Parts, number: str) -> None:
    parts.tickets.act(number, Act.WITHDRAW, by=Role.CALLER, at=NOW)  # type: ignore[attr-defined]
    body = Body()
    assert (error(await send(client, number, body)), body.asked) == ((409, "transition_refused"), 0)
    words = await client.post(f"/v1/tickets/{number}/supplement", json={"phone_last4": "1234", "text": "还有一盏"})
    assert error(words) == (409, "transition_refused")


async def test_ten_megabytes_are_taken_and_not_one_more_byte(client: httpx.AsyncClient, number: str) -> None:
    filled = SENT + bytes(MOST_BYTES - len(SENT))
    assert (await send(client, number, filled)).status_code == 201
    assert error(await send(client, number, filled + b"x")) == (413, "photo_too_large")
    assert error(await send(client, number, filled + bytes(10**6))) == (413, "photo_too_large")
    endless = Body(1000, bytes(10**6))
    assert error(await send(client, number, endless)) == (413, "photo_too_large")
    assert endless.asked <= 12, "an endless body is not read to its end"


async def test_every_other_path_keeps_its_small_limit(client: httpx.AsyncClient, number: str) -> None:
    for path in (f"/v1/tickets/{number}/supplement", "/v1/tickets", f"/v1/tickets/{number}/photos/more", f"/v1/staff/tickets/{number}/photos"):
        assert error(await client.post(path, content=b"x" * (BODY_LIMIT + 1), headers=PROOF)) == (413, "body_too_large"), path
    chunked = await client.post(f"/v1/tickets/{number}/supplement", content=Body(20, b"x" * 8000), headers=PROOF)
    assert error(chunked) == (413, "body_too_large")


async def test_an_address_sends_sixty_photos_a_minute(client: httpx.AsyncClient, parts: Parts, number: str) -> None:
    await parts.redis.set("hotline:rate:photos:203.0.113.7", 60, ex=60)
    body = Body()
    assert (error(await send(client, number, body)), body.asked) == ((429, "too_many_requests"), 0)


async def test_what_stands_in_a_photo_beside_its_pixels_is_gone(client: httpx.AsyncClient, parts: Parts, number: str) -> None:
    id = (await send(client, number, with_archive(with_exif(6)))).json()["id"]
    answer = await client.get(f"/v1/staff/tickets/{number}/photos/{id}", headers=key_headers(parts, "operator"))
    image = Image.open(io.BytesIO(answer.content))
    assert (image.size, dict(image.getexif()), PLACE_MARK in answer.content) == ((30, 40), {}, False)


# --- the scanner -----------------------------------------------------------------------------------------------------
@pytest.fixture
def clamd() -> Clamd:
    return Clamd()


@pytest.fixture
def scanning(clamd: Clamd, settings: Settings, parts: Parts) -> Iterator[FastAPI]:
    """A gateway that has a scanner set."""
    with running(clamd) as address:
        set_ = settings.copy(update={"scanner": address, "scanner_timeout": 0.5})
        yield create_app(set_, replace(parts, photos=build_album(set_, parts.tickets)))  # type: ignore[arg-type]


async def test_where_a_scanner_is_set_nothing_unscanned_passes(scanning: FastAPI, clamd: Clamd, client: httpx.AsyncClient, number: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=scanning), base_url="http://gateway") as scanned:
        assert (await send(scanned, number)).status_code == 201
        assert error(await send(scanned, number, SENT + EVIL)) == (422, "photo_refused")
        for behaviour in ("hang", "close", "INSTREAM size limit exceeded. ERROR\0"):
            clamd.behaviour = behaviour
            assert error(await send(scanned, number)) == (503, "scanner_unavailable")
    assert (await client.get(f"/v1/tickets/{number}", headers=PROOF)).json()["photos"] == 1


# --- who sees it -----------------------------------------------------------------------------------------------------
HIDDEN = [{"confidential": True}, {"anonymous": True, "phone": None, "name": None}, {"type": "举报"}]


async def a_photo(client: httpx.AsyncClient, parts: Parts, **more: Any) -> tuple[str, str]:
    """The number of a ticket of the lamps' office with a photo, and the photo's id."""
    ticket = await opened(client, **more)
    kept = await asyncio.to_thread(parts.photos.attach, ticket["number"], SENT, None, NOW)
    return ticket["number"], kept.id


async def looks(client: httpx.AsyncClient, headers: dict[str, str], number: str, id: str) -> tuple[httpx.Response, httpx.Response]:
    path = f"/v1/staff/tickets/{number}/photos"
    return await client.get(path, headers=headers), await client.get(f"{path}/{id}", headers=headers)


async def test_staff_sees_the_photos_of_a_ticket_that_it_may_see(client: httpx.AsyncClient, parts: Parts) -> None:
    number, id = await a_photo(client, parts)
    roles: tuple[Any, ...] = ("operator", "department", "supervisor", "admin")
    for role in roles:
        listed, one = await looks(client, key_headers(parts, role), number, id)
        [told] = listed.json()["photos"]
        assert (told["id"], told["width"], datetime.fromisoformat(told["at"]), listed.json()["withheld"]) == (id, 400, NOW, 0)
        assert one.content.startswith(b"\xff\xd8") and len(one.content) == told["bytes"]
    assert [line["photo"] for line in parts.log.named("photo_seen")] == [id] * 4, "whoever looks leaves a trace"  # type: ignore[attr-defined]


async def test_nobody_else_sees_a_photo(client: httpx.AsyncClient, parts: Parts) -> None:
    number, id = await a_photo(client, parts)
    roles: tuple[Any, ...] = (None, "ivr", "editor", "open311", "rasa")
    for role in roles:
        answers = await looks(client, key_headers(parts, role) if role else PROOF, number, id)
        assert [answer.status_code for answer in answers] == [403 if role else 401] * 2


async def test_a_photo_is_saved_and_never_shown_as_a_page(client: httpx.AsyncClient, parts: Parts, operator: dict[str, str]) -> None:
    number, id = await a_photo(client, parts)
    _, one = await looks(client, operator, number, id)
    assert {name: one.headers[name] for name in ("content-type", "x-content-type-options", "content-disposition", "cache-control")} == {
        "content-type": "image/jpeg", "x-content-type-options": "nosniff", "content-disposition": f'attachment; filename="{id}.jpg"',
        "cache-control": "no-store"}


async def test_another_office_gets_the_answer_of_the_ticket_itself(client: httpx.AsyncClient, parts: Parts) -> None:
    number, id = await a_photo(client, parts)
    other = {"X-API-Key": parts.keys.create("department", "别处", "公安局", "370102")}  # type: ignore[attr-defined]
    itself = await client.get(f"/v1/staff/tickets/{number}", headers=other)
    assert error(itself) == (404, "ticket_not_found")
    assert [answer.json() for answer in await looks(client, other, number, id)] == [itself.json()] * 2


@pytest.mark.parametrize("wish", HIDDEN, ids=["confidential", "anonymous", "report"])
async def test_of_a_hidden_caller_a_department_sees_no_photo_and_the_centre_does(client: httpx.AsyncClient, parts: Parts,
                                                                                 wish: dict[str, Any]) -> None:
    number, id = await a_photo(client, parts, **wish)
    ticket = parts.tickets.repository.find(number)  # type: ignore[attr-defined]
    office = {"X-API-Key": parts.keys.create("department", "承办", ticket.department, ticket.office_region)}  # type: ignore[attr-defined]
    assert (await client.get(f"/v1/staff/tickets/{number}", headers=office)).status_code == 200
    listed, one = await looks(client, office, number, id)
    assert (listed.json(), error(one)) == ({"number": number, "photos": [], "withheld": 1}, (404, "photo_not_found"))
    for role in ("operator", "supervisor"):
        listed, one = await looks(client, key_headers(parts, role), number, id)  # type: ignore[arg-type]
        assert (len(listed.json()["photos"]), listed.json()["withheld"], one.status_code) == (1, 0, 200)


async def test_no_other_name_leads_to_a_file(client: httpx.AsyncClient, number: str, operator: dict[str, str]) -> None:
    for id, status in (("0" * 32, 404), ("0" * 31, 422), ("photos", 422), ("..%2F..%2Fkeys%2Fpersonal.keys", 404)):
        assert (await client.get(f"/v1/staff/tickets/{number}/photos/{id}", headers=operator)).status_code == status, id


async def test_the_public_learns_of_no_photo(client: httpx.AsyncClient, parts: Parts) -> None:
    number, id = await a_photo(client, parts)
    for path in ("requests.json", f"requests/{parts.public_tickets.id_of(number)}.json"):
        answer = await client.get(f"/open311/v2/{path}")
        assert answer.status_code == 200 and len(answer.json()) == 1
        assert id not in answer.text and "photo" not in answer.text and "照片" not in answer.text and not answer.json()[0].get("media_url")


async def test_the_log_keeps_neither_proof_nor_the_senders_own_name_of_a_photo(client: httpx.AsyncClient, parts: Parts, number: str) -> None:
    id = str(uuid4())
    await send(client, number, photo_id=id)
    assert isinstance(parts.log, RecordingLog)
    assert not [line for line in parts.log.lines if id in str(line) or "13800001234" in str(line)]


# --- memory ----------------------------------------------------------------------------------------------------------
def request_of(*events: dict[str, Any], host: str = "203.0.113.7") -> Request:
    """A request whose body comes in these events, and then not at all."""
    left = list(events)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return Request({"type": "http", "method": "POST", "headers": [], "client": (host, 1), "path": "/"}, receive)


def part(data: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


async def test_a_body_is_read_up_to_its_limit_and_in_its_time() -> None:
    assert await body_of(request_of(part(b"ab"), part(b"c", False))) == b"abc"
    with pytest.raises(PhotoTooLarge):
        await body_of(request_of(part(bytes(MOST_BYTES)), part(b"x")))
    with pytest.raises(PhotoUnreadable):
        await body_of(request_of(part(b"ab")), patience=0.05)
    with pytest.raises(PhotoUnreadable):
        await body_of(request_of(part(b"ab"), {"type": "http.disconnect"}))


def test_an_address_and_the_gateway_have_so_many_on_their_way() -> None:
    uploads = Uploads()
    with ExitStack() as held:
        for _ in range(6):
            held.enter_context(uploads.place(request_of()))
        with pytest.raises(ApiError, match="too_many_requests"):
            held.enter_context(uploads.place(request_of()))
        for n in range(14):
            held.enter_context(uploads.place(request_of(host=f"198.51.100.{n}")))
        with pytest.raises(ApiError, match="too_many_requests"):
            held.enter_context(uploads.place(request_of(host="192.0.2.1")))
    with uploads.place(request_of()):
        pass


class Crowded:
    """Counts how many photos are looked at at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = 0

    def attach(self, number: str, data: bytes, request_id: str | None, at: datetime) -> str:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)  # long enough for the others to come, if they were let in
        with self.lock:
            self.now -= 1
        return number


async def test_one_photo_is_decoded_at_a_time_and_the_others_wait() -> None:
    uploads, crowd = Uploads(), Crowded()
    sent = [uploads.attach(crowd, str(n), b"", None, lambda: NOW) for n in range(8)]  # type: ignore[arg-type]
    assert sorted(await asyncio.gather(*sent)) == [str(n) for n in range(8)]  # type: ignore[type-var]
    assert crowd.most == 1
