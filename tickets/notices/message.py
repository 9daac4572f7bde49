"""A message to a caller, ready to go, and whoever can carry it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """`id` is the same however often the message is tried; `at` is when it happened, `phone` a mobile number of 11 digits."""

    id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


class Gateway(Protocol):
    """Carries messages out of the house."""

    def deliver(self, message: Message) -> None:
        """Hand the message over; raises NoticeFailed where it may be tried again, NoticeRefused where that is no use."""
