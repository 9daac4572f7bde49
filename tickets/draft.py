"""A ticket while it is still being told: what is known, what was asked, what was confirmed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Mapping

from tickets.model import NewTicket, Queue, TicketType
from tickets.validation import MAX_TEXT

QUESTIONS = ("course", "where", "who", "when", "contact", "confirm")
MOST_QUESTIONS = 5


@dataclass(frozen=True)
class Draft:
    """None is not known yet. `text` holds all that was said of the matter, `course` what happened.

    `asked` lists the questions that the caller has answered, if only with "不知道"; `again` means that the contact question goes
    on: confidential without a number, or a number with a digit too few. `known_caller` tells that `phone` came
    from the line, not from his mouth. `matter` is what a special queue wants to know; `moved` tells that the slot it holds is not
    the one he asked for. `region` is a code; a correction of the place empties it, to be looked up again.
    """

    type: TicketType
    text: str = field(default="", repr=False)
    where: str | None = field(default=None, repr=False)
    when: str | None = None
    who: str | None = field(default=None, repr=False)
    cause: str | None = field(default=None, repr=False)
    course: str | None = field(default=None, repr=False)
    region: str | None = None
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    known_caller: bool = False
    anonymous: bool | None = None
    confidential: bool | None = None
    asked: tuple[str, ...] = ()
    again: bool = False
    confirmed: bool | None = None
    queue: Queue | None = None
    matter: Mapping[str, Any] = field(default_factory=dict)
    moved: bool = False

    @property
    def kind(self) -> str:
        """What it is called: its special queue, else its type."""
        return self.queue.value if self.queue else self.type.value

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, for a slot."""
        return {**asdict(self), "type": self.type.value, "asked": list(self.asked),
                "queue": self.queue.value if self.queue else None, "matter": dict(self.matter)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Draft:
        """Read what `to_dict` gave; raises ValueError or TypeError for anything else."""
        known = {entry.name for entry in fields(cls)}
        if not set(raw) <= known:
            raise ValueError(f"unknown: {sorted(set(raw) - known)}")
        queue = Queue(raw["queue"]) if raw.get("queue") else None
        return cls(**{**raw, "type": TicketType(raw["type"]), "asked": tuple(raw["asked"]), "queue": queue})

    def more(self, words: str) -> Draft:
        """Return the draft with further words of the caller, within what a ticket holds."""
        return replace(self, text="。".join(part for part in (self.text, words) if part)[:MAX_TEXT])

    def tell(self, words: str) -> Draft:
        """Return the draft with further words on what happened; they are read back, too."""
        if not words or words in (self.course or ""):
            return self
        course = "。".join(part for part in (self.course, words) if part)[:MAX_TEXT]
        return replace(self.more(words), course=course)

    def to_new(self, source_channel: str, request_id: str | None = None) -> NewTicket:
        """Return what the service opens. A report stays confidential unless the reporter said it need not."""
        confidential = self.confidential if self.confidential is not None else self.type is TicketType.REPORT
        return NewTicket(
            type=self.type, text=self.text or self.course or "", source_channel=source_channel, request_id=request_id,
            title=self.course[:30] if self.course else None, region=self.region, address=self.where, when=self.when,
            who=self.who, cause=self.cause, name=self.name, phone=self.phone,
            anonymous=bool(self.anonymous), confidential=confidential, queue=self.queue, matter=dict(self.matter),
        )
