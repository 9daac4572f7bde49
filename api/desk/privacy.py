"""What a caller wants kept from others: it stays with the conversation, for a form is emptied as soon as its ticket is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from tickets.correction import flags, own_flags
from tickets.draft import Draft
from tickets.model import TicketType
from zh.normalise import normalise

_ANONYMOUS, _CONFIDENTIAL = "anonymous", "confidential"  # fields of a conversation: "1" wanted, "0" plainly not
_REPORT = TicketType.REPORT.value


@dataclass(frozen=True)
class Privacy:
    """`anonymous`: nobody learns his number; `confidential`: only who has the conversation, unless the caller agrees."""

    anonymous: bool = False
    confidential: bool = False


UNKNOWN = Privacy(True, True)  # what cannot be read may be either


def wishes(text: str, before: str | None) -> dict[str, str]:
    """Return the fields that a caller's words change; `before` is the outcome of the turn before: to a form he answers in few words."""
    said = (flags if before == "ticket_form" else own_flags)(Draft(TicketType.HELP), normalise(text))
    wanted = {_ANONYMOUS: said.anonymous, _CONFIDENTIAL: said.confidential}
    return {name: "1" if value else "0" for name, value in wanted.items() if value is not None}


def wished(fields: Mapping[str, str]) -> Privacy:
    """Return what the fields of a conversation tell; who reports somebody stays confidential unless he said that he need not."""
    reports = fields.get("ticket_type") == _REPORT and fields.get(_CONFIDENTIAL) != "0"
    return Privacy(fields.get(_ANONYMOUS) == "1", fields.get(_CONFIDENTIAL) == "1" or reports)
