"""Nobody is free: a call back is offered, and a ticket opened for it only on a yes and with a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable, Mapping

from fastapi.concurrency import run_in_threadpool

from api.conversations import Conversation
from api.phone.pending import settled
from api.phrases import Phrases
from api.ports import Channel, Log, Tickets
from api.rasa_client import Answer, Utterance
from core.clock import SHANGHAI
from tickets.errors import TicketError
from tickets.model import NewTicket, Queue, TicketType
from zh.extract_rules import find_phones
from zh.normalise import normalise

# Field `callback` of a conversation, whether the bot has it or the line: who waits leaves the line only when a call back is opened.
# After `declined` and `opened` the conversation waits in the line like any other.
OFFERED, NUMBER, DECLINED, OPENED = "offered", "number", "declined", "opened"
PHRASES = ("utter_nobody_free", "utter_waited_long", "utter_callback_number", "utter_callback_number_again", "utter_callback_opened",
           "utter_callback_declined", "utter_callback_failed")
CHOICES = ("要", "不要")
_DIGITS = 5  # in what was meant to be a number


@dataclass(frozen=True)
class Step:
    """What is said, and the fields of the conversation that change; no answer: the turn is one like any other."""

    answer: Answer | None
    fields: Mapping[str, str] = field(default_factory=dict)


class CallBacks:
    """`about` says in a sentence what a conversation was about. The ticket is opened once, whatever is repeated."""

    def __init__(self, tickets: Tickets, phrases: Phrases, clock: Callable[[], datetime], log: Log) -> None:
        self._tickets = tickets
        self._phrases = phrases
        self._clock = clock
        self._log = log

    def offered(self) -> dict[str, str]:
        """Return the fields of a conversation in which the call back is being offered."""
        return {"callback": OFFERED, "callback_at": self._clock().isoformat(timespec="seconds")}

    def offer(self, name: str, channel: Channel) -> Answer:
        """Say that nobody is free and ask."""
        return Answer((Utterance(self._phrases.render(name, channel), options=CHOICES),), "clarified")

    async def step(self, conversation: Conversation, text: str, about: str) -> Step:
        """Take what the caller says to the offer or to the question for a number."""
        state = conversation.fields.get("callback", "")
        if state not in (OFFERED, NUMBER):
            return Step(None)
        said = normalise(text)
        numbers = [span.value for span in find_phones(said)]
        yes = settled(text, "")
        if numbers and yes is not False:
            return await self._opened(conversation, numbers[0], about)
        if yes is False:
            name = "utter_queue_waiting" if conversation.owner == "queue" and conversation.channel == "web" else "utter_callback_declined"
            return self._say(conversation, name, "smalltalk", DECLINED)
        if state == OFFERED and yes:
            if conversation.caller:
                return await self._opened(conversation, conversation.caller, about)
            return self._say(conversation, "utter_callback_number", "ticket_form", NUMBER)
        if state == NUMBER and sum(char.isdigit() for char in said) >= _DIGITS:
            return self._say(conversation, "utter_callback_number_again", "ticket_form", NUMBER)
        return Step(None, {"callback": ""})

    async def _opened(self, conversation: Conversation, phone: str, about: str) -> Step:
        since = conversation.fields.get("callback_at") or self._clock().isoformat(timespec="seconds")
        at = datetime.fromisoformat(since).astimezone(SHANGHAI)
        new = NewTicket(TicketType.HELP, f"转人工时没有人接，请回拨。{about}", conversation.channel, request_id=f"callback:{conversation.id}:{since}",
                        title="未接来电回拨", region=conversation.region, when=f"{at:%Y-%m-%d %H:%M}", phone=phone, queue=Queue.CALL_BACK,
                        matter={"at": at.isoformat()})
        try:
            opened = await run_in_threadpool(self._tickets.open, new, at=self._clock())
        except TicketError as error:
            self._log.warning("callback_refused", code=error.code)
            return self._say(conversation, "utter_callback_failed", "refused", "")
        number, day = opened.ticket.number, opened.ticket.due_on
        words = Utterance(self._phrases.render("utter_callback_opened", conversation.channel, number=number, due=f"{day.month}月{day.day}日",
                                               tail=phone[-4:]))
        facts = {"ticket_type": Queue.CALL_BACK.value, "ticket": {"number": number, "due_on": day.isoformat()}}
        return Step(Answer((words,), "ticket_opened", facts), {"callback": OPENED})

    def _say(self, conversation: Conversation, name: str, outcome: str, state: str) -> Step:
        words = Utterance(self._phrases.render(name, conversation.channel))
        facts = {"ticket_type": Queue.CALL_BACK.value} if outcome == "ticket_form" else {}
        return Step(Answer((words,), outcome, facts), {"callback": state})
