"""Photos of tickets for operators, departments and supervisors: whoever may see a ticket, but for what tells who a hidden caller is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from api.photos.routes import PhotoBody
from api.schemas import failures
from api.tickets.staff import Number, StaffKey, TheDesk, TheGateway
from tickets.photos.errors import PhotoNotFound
from tickets.views import withholds_photos

router = APIRouter(prefix="/v1/staff/tickets/{number}/photos", tags=["工单办理"])
Id = Annotated[str, Path(regex=r"^[0-9a-f]{32}$", example="0b9a3c1e7c1d4b529a0e2f4d5c6b7a81")]


class ListedPhotoBody(PhotoBody):
    at: datetime


class PhotosBody(BaseModel):
    """The photos of a ticket, the oldest first; `withheld` counts those that this key may not see."""

    number: str
    photos: list[ListedPhotoBody]
    withheld: int


@router.get("", response_model=PhotosBody, responses=failures(401, 403, 404), summary="列出工单的照片")
async def listed(number: Number, desk: TheDesk, gateway: TheGateway, key: StaffKey) -> Any:
    ticket = await run_in_threadpool(desk.ticket, number)
    photos = await run_in_threadpool(gateway.parts.photos.of, ticket.number)
    gateway.parts.log.info("photos_listed", number=number, key=key.id)
    if withholds_photos(ticket, desk.actor):
        return {"number": number, "photos": [], "withheld": len(photos)}
    told = [{name: getattr(photo, name) for name in ListedPhotoBody.__fields__} for photo in photos]
    return {"number": number, "photos": told, "withheld": 0}


@router.get("/{id}", response_class=Response, responses={**failures(401, 403, 404), 200: {"content": {"image/jpeg": {}}}}, summary="取一张照片")
async def one(number: Number, id: Id, desk: TheDesk, gateway: TheGateway, key: StaffKey) -> Response:
    ticket = await run_in_threadpool(desk.ticket, number)
    if withholds_photos(ticket, desk.actor):
        raise PhotoNotFound
    photo, data = await run_in_threadpool(gateway.parts.photos.shown, ticket.number, id)
    gateway.parts.log.info("photo_seen", number=number, photo=id, key=key.id)  # whoever looks at personal data leaves a trace
    # Saved, never shown as a page of ours; api.shield adds nosniff and no-store.
    return Response(data, media_type=photo.media_type, headers={"Content-Disposition": f'attachment; filename="{id}.jpg"'})
