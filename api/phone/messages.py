"""A text message in the place of what cannot be read out."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from tickets.errors import NoticeFailed, NoticeRefused
from tickets.notices.message import Gateway, Message

MOBILE = re.compile(r"1[3-9]\d{9}")


def send(gateway: Gateway | None, phone: str, text: str, at: datetime) -> bool:
    """Hand a message over; False where there is no gateway, no mobile number, or the gateway does not take it. Blocking."""
    if gateway is None or not MOBILE.fullmatch(phone):
        return False
    try:
        gateway.deliver(Message(f"phone-{secrets.token_hex(16)}", phone, text, at))
    except (NoticeFailed, NoticeRefused):
        return False
    return True
