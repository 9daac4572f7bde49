"""A process that opens tickets and acts on them until it is killed; a line in its journal is what the service has promised.

    python -m tests.support.acting_client JOURNAL SEED [TICKETS]
"""

from __future__ import annotations

import os
import random
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from core.clock import system_clock
from core.settings import load_settings
from tests.support.office import LAMP, service_of
from tickets.doing import Actor, Details
from tickets.errors import TicketBusy
from tickets.model import NewTicket, Ticket
from tickets.service import TicketService
from tickets.vocabulary import Act, Result, Role

OPERATOR = Actor(Role.OPERATOR, "operator")
LINE = ((Act.RECEIVE, "", Details()), (Act.ASK_CALLER, "是哪一盏灯？", Details()), (Act.SUPPLEMENT, "门口那盏", Details()),
        (Act.HANDLE, "已派人", Details()), (Act.REPLY, "已修好", Details(result=Result.SOLVED)), (Act.APPROVE, "", Details()),
        (Act.FOLLOW_UP, "", Details(reached=True, content=True)))


def main(journal: str, seed: str, most: str = "1000000") -> None:
    """Work as an office does, half of the tickets being far past their deadline when they are opened."""
    service, draw = service_of(load_settings()), random.Random(seed)
    book = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def promised(ticket: Ticket) -> None:
        os.write(book, f"{ticket.number} {ticket.version}\n".encode())  # what is written outlives the process
        time.sleep(0.02)

    for n in range(int(most)):
        at = system_clock() - timedelta(days=draw.choice((0, 90)))
        ticket = _opened(service, replace(LAMP, request_id=f"{seed}-{n}"), at)
        promised(ticket)
        handler = Actor(Role.DEPARTMENT, "handler", ticket.department, ticket.office_region)
        for act, note, details in LINE[:draw.randrange(len(LINE) + 1)]:
            by = OPERATOR if act in (Act.SUPPLEMENT, Act.APPROVE, Act.FOLLOW_UP) else handler
            try:
                promised(service.act(ticket.number, act, by=by, at=system_clock(), note=note, details=details))
            except TicketBusy:
                break
            except DBAPIError as error:  # nobody knows whether it was done: this ticket is left as it is
                _if_away(error)
                break


def _opened(service: TicketService, new: NewTicket, at: datetime) -> Ticket:
    """Hand a request in until it is taken: the same one, however often."""
    while True:
        try:
            return service.open(new, at).ticket
        except DBAPIError as error:
            _if_away(error)


def _if_away(error: DBAPIError) -> None:
    """Wait a moment for a server that was killed; a file can be no such reason."""
    if "sqlite3" in type(error.orig).__module__:
        raise error
    time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
