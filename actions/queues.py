"""What a special queue's draft needs from other rooms: service centres, free slots, the codes of items."""

from __future__ import annotations

from dataclasses import replace

from actions.turn import Turn
from actions.wiring import Parts
from tickets.appointments import Appointments, Slot, Wish, slot_of, spoken
from tickets.draft import Draft
from tickets.model import Queue
from tickets.queue_intake import UNTOLD, summary
from tickets.wished_time import wish_in

_SURE = 0.8
_BOOKED = ("day", "slot")
MOST_CENTRES = 4


def looked_up(draft: Draft, before: Draft, question: str | None, turn: Turn, p: Parts) -> Draft:
    """Return the draft with the item's code and, for an appointment, its centre and the nearest free slot. `before` is the draft before this turn."""
    if draft.queue not in (Queue.APPOINTMENT, Queue.ERRAND):
        return draft
    draft = _with_item_code(draft, before, p)
    if draft.queue is Queue.ERRAND or p.tickets.appointments is None:
        return draft
    return _with_slot(_with_office(draft, question, turn, p), question, turn, p, p.tickets.appointments)


def fully_booked(draft: Draft, p: Parts) -> bool:
    """Whether the centre of an appointment has no seat left on any day that can be booked."""
    if draft.queue is not Queue.APPOINTMENT or "office" not in draft.matter:
        return False
    bookable = p.tickets.appointments
    return bookable is None or bookable.nearest(draft.matter["office"], Wish(), p.clock()) is None


def near(draft: Draft, p: Parts) -> list[str]:
    """Return the names of the centres to choose from, those of the caller's city."""
    bookable = p.tickets.appointments
    return [centre.name for centre in bookable.centres.near(draft.region or p.settings.region)][:MOST_CENTRES] if bookable else []


def read_back(draft: Draft, p: Parts) -> tuple[str, dict[str, str]]:
    """Return the response that reads a draft back, and its values."""
    rows = summary(draft)
    response = "utter_ask_confirm"
    if draft.queue is Queue.APPOINTMENT:
        response = "utter_ask_confirm_booking_moved" if draft.moved else "utter_ask_confirm_booking"
        told = booking(draft, p)
        rows = {"大厅": told["office"], "时间": told["moment"], **rows}
    return response, {"summary": "；".join(f"{label}：{value}" for label, value in rows.items() if label != "诉求类型"), "type": draft.kind}


def booking(draft: Draft, p: Parts) -> dict[str, str]:
    """Return how an appointment is told."""
    bookable = p.tickets.appointments
    centre = bookable.centres.get(draft.matter["office"]) if bookable else None
    item = draft.matter.get("item", UNTOLD)
    return {"office": centre.name if centre else "", "moment": spoken(slot_of(draft.matter)), "item": "事" if item == UNTOLD else item}


def _with_item_code(draft: Draft, before: Draft, p: Parts) -> Draft:
    item = draft.matter.get("item")
    if not item or item == before.matter.get("item"):
        return draft
    match = p.knowledge.matcher.match(item, limit=1)
    best = match.candidates[0] if match.candidates else None
    if match.decision == "answer" and best and best.kind == "item" and best.score >= _SURE:
        return replace(draft, matter={**draft.matter, "item_code": best.code})
    return draft


def _with_office(draft: Draft, question: str | None, turn: Turn, p: Parts) -> Draft:
    bookable = p.tickets.appointments
    if bookable is None or question not in (None, "office", "confirm"):
        return draft
    centre = bookable.centres.named(turn.text, turn.region_said)
    if centre is None and question == "office":  # asked once: then the centre of his own city will do
        centre = bookable.centres.near(turn.region)[0]
    if centre is None or centre.code == draft.matter.get("office"):
        return draft
    kept = {name: value for name, value in draft.matter.items() if name not in _BOOKED}
    return replace(draft, matter={**kept, "office": centre.code}, confirmed=None, region=centre.region)


def _with_slot(draft: Draft, question: str | None, turn: Turn, p: Parts, bookable: Appointments) -> Draft:
    now, known = p.clock(), slot_of(draft.matter) if "slot" in draft.matter else None
    wish = wish_in(turn.text, now) if question in (None, "moment", "confirm") else Wish()
    if not wish.empty:
        wish = _completed(wish, known)
        draft = replace(draft, when=turn.text[:100])
    elif draft.when and known is None:
        wish = wish_in(draft.when, now)
    if "office" not in draft.matter or (wish.empty and known is None and question != "moment" and "moment" not in draft.asked):
        return draft
    if wish.empty and known:
        if not draft.confirmed:
            return draft
        wish = Wish(known.day, known.start)  # somebody else may have been faster since it was read back
    slot = bookable.nearest(draft.matter["office"], wish, now)
    if slot is None:
        return draft
    changed = known is None or slot.matter != known.matter
    return replace(draft, matter={**draft.matter, **slot.matter}, moved=not wish.grants(slot), confirmed=None if changed else draft.confirmed)


def _completed(wish: Wish, known: Slot | None) -> Wish:
    """下午三点吧, said of a slot that was read back, means the same day; 改到周三, the same hour."""
    if known is None:
        return wish
    if wish.day is None:
        return replace(wish, day=known.day)
    return replace(wish, start=known.start) if wish.start is None else wish
