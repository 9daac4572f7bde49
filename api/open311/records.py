"""Services and requests as Open311 GeoReport v2 names them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zlib import crc32

from tickets.load import Category
from tickets.open_data import PublicTicket, midnight
from tickets.vocabulary import Status

# What a client must send along with every service: where it is. The words are the request's own description.
DEFINITION = ({"variable": True, "code": "where", "datatype": "string", "required": False, "datatype_description": "",
               "order": 1, "description": "具体位置（哪条路、哪个小区、几号楼）", "values": ()},)


def service_code(category: str) -> str:
    """Return the code of a category: ASCII, and the same as long as its name is."""
    return f"{crc32(category.encode()):08x}"


def service(category: Category) -> dict[str, Any]:
    """Return a category as a service."""
    return {"service_code": service_code(category.name), "service_name": category.name, "description": "；".join(category.says[:3]),
            "metadata": True, "type": "realtime", "keywords": ",".join(category.words), "group": category.path[0]}


def definition(category: Category) -> dict[str, Any]:
    """Return what a service asks for."""
    return {"service_code": service_code(category.name), "attributes": DEFINITION}


def request(ticket: PublicTicket) -> dict[str, Any]:
    """Return a ticket as anybody may see it; the caller's own words stay at home, so the category stands for the description."""
    place = ticket.place()
    return {
        "service_request_id": ticket.public_id, "status": "closed" if ticket.closed else "open", "status_notes": Status(ticket.status).label,
        "service_name": ticket.category, "service_code": service_code(ticket.category), "description": ticket.category,
        "agency_responsible": ticket.department, "service_notice": ticket.result or "", "requested_datetime": moment(ticket.opened_at),
        "updated_datetime": moment(ticket.updated_at), "expected_datetime": moment(ticket.due_at), "address": "", "address_id": "", "zipcode": "",
        "lat": place[1] if place else None, "long": place[0] if place else None, "media_url": "",
    }


def moment(at: datetime | None) -> str | None:
    """Return the day of a moment as W3C writes moments (2026-11-05T00:00:00+08:00): the hour would tell who was seen calling."""
    return midnight(at).isoformat(timespec="seconds") if at else None
