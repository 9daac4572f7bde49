"""The ticket form: Rasa keeps the loop, tickets.intake decides what to ask, the service opens the ticket."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import put_aside, queues
from actions.consult import ActionConsult
from actions.interruption import aside, interrupts, refuses, sounds_like_a_question
from actions.speech import say
from actions.ticket_words import due_of
from actions.turn import Turn, read_turn
from actions.wiring import Parts, parts
from core.going_on import goes_on, names_type
from core.ids import new_id
from knowledge.wording import card_rows
from tickets import intake, queue_intake
from tickets.draft import Draft
from tickets.errors import TicketError
from tickets.model import Queue, Ticket, TicketType
from tickets.queues import queue_of
from tickets.routing import office

TYPES = {"complain": "投诉", "report": "举报", "request_help": "求助", "suggest": "建议", "praise": "表扬", "consult": "咨询"}
FORM = "ticket_form"
REQUESTED = "requested_slot"
READ_BACKS = frozenset({"utter_ask_confirm", "utter_ask_confirm_booking", "utter_ask_confirm_booking_moved"})
_BARE_WISH = re.compile(r"(?:我|俺|帮我|给我|要|想|请)*(?:登记|提交|办|开|填|报)(?:一个|一张|个|张|一下)?工单[吧。!]*")
# A yes to the offer of a ticket and nothing else; a short complaint is a matter of its own, whatever was offered before.
_ACCEPTS = re.compile(
    r"(?:那|就|好的?|行|可以|嗯|对|吧|我|俺|帮|给|你|您|替|要|想|请|麻烦|了|一?个|一?张|一下|下来"
    r"|让|部门|答复|回|开|登记|提交|办|填|报|记|工单|[,。! ])+"
)


class ValidateTicketForm(Action):
    """Takes what the caller said into the draft and names the next question."""

    def name(self) -> str:
        return "validate_ticket_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        turn = read_turn(tracker, p.regions, p.settings.region)
        raw = tracker.get_slot("ticket_draft")
        question = tracker.get_slot(REQUESTED) if raw else None
        if raw is None or question is None:
            return self._opened(dispatcher, tracker, turn, p)
        draft = Draft.from_dict(raw)
        if goes_on(turn.text) and not names_type(turn.text):  # 接着说, to a form that a person in between did not close
            return [SlotSet("ticket_draft", raw), SlotSet(REQUESTED, question)]
        if refuses(turn.text, question):
            return [SlotSet("ticket_draft", None), SlotSet(REQUESTED, None)]
        about_ticket = aside(turn)
        if about_ticket:
            say(dispatcher, about_ticket, "ticket_form", ticket_type=draft.kind)
            return [SlotSet("ticket_draft", raw), SlotSet(REQUESTED, question)]
        if interrupts(turn, question):
            return [SlotSet(REQUESTED, question)]  # nothing but the question itself: Rasa then lets a rule answer
        absorb = queue_intake.absorb if draft.queue else intake.absorb
        draft = queues.looked_up(absorb(draft, question, turn.text, p.tickets.extract(turn.text), turn.region_said), draft, question, turn, p)
        if queues.fully_booked(draft, p):
            say(dispatcher, "utter_booking_full", "refused", ticket_type=draft.kind)
            return [SlotSet("ticket_draft", None), SlotSet(REQUESTED, None)]
        if draft.confirmed is False:
            # He says that something is wrong but not what; nothing he told is thrown away.
            return [SlotSet("ticket_draft", replace(draft, confirmed=None).to_dict()), SlotSet("ticket_wrong", True), SlotSet(REQUESTED, "confirm")]
        return _ask(draft)

    def _opened(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn, p: Parts) -> list[EventType]:
        """Take up the draft that was put aside, or begin a new one and say that the old one is dropped."""
        old = put_aside.draft_of(tracker)
        fresh = None if old and put_aside.resumes(tracker, turn, p) else self._begin(tracker, turn, p)
        if old is None or (fresh and not _same(fresh, old, turn)):
            if old:
                say(dispatcher, "utter_ticket_put_down", "ticket_form", values={"type": old.kind}, ticket_type=old.kind)
            return _ask(fresh or self._begin(tracker, turn, p)) + [SlotSet("ticket_request", new_id())]
        draft = old if fresh else queues.looked_up(put_aside.with_answer(old, turn, p), old, None, turn, p)
        asked = _ask(draft)
        known = _known(draft) if asked[-1]["value"] != "confirm" else ""  # the read-back tells it all
        say(dispatcher, "utter_ticket_taken_up" if known else "utter_ticket_taken_up_bare", "ticket_form",
            values={"type": draft.kind, "summary": known}, ticket_type=draft.kind)
        return asked + [SlotSet("ticket_request", tracker.get_slot("ticket_request") or new_id())]

    @staticmethod
    def _begin(tracker: Tracker, turn: Turn, p: Parts) -> Draft:
        kind = TYPES.get(turn.intent) or tracker.get_slot("ticket_type") or "咨询"
        if _BARE_WISH.fullmatch(turn.text) and not tracker.get_slot("unanswered"):
            kind = "求助"  # 登记工单 names no type
        # Who says 登记工单 after a question without an answer means that question.
        unanswered = tracker.get_slot("unanswered")
        taken_up = turn.intent not in TYPES or (tracker.get_slot("offer") and _ACCEPTS.fullmatch(turn.text))
        text = unanswered if unanswered and taken_up else turn.text
        spans = p.tickets.extract(text)
        draft = intake.start(TicketType(kind), text, spans, phone=turn.caller, region=turn.region_said or tracker.get_slot("region"))
        queue = queue_of(text)
        return queues.looked_up(queue_intake.begin(draft, queue, text, spans), draft, None, turn, p) if queue else draft


def _ask(draft: Draft) -> list[EventType]:
    return [SlotSet("ticket_draft", draft.to_dict()), SlotSet("ticket_type", draft.type.value), SlotSet("ticket_wrong", None),
            SlotSet(REQUESTED, queue_intake.next_question(draft) if draft.queue else intake.next_question(draft))]


def _same(fresh: Draft, old: Draft, turn: Turn) -> bool:
    """Whether who begins once more (我要投诉, 登记工单) tells no matter of his own and names no other type."""
    told = fresh.text or fresh.course or fresh.who or fresh.queue
    return not told and (fresh.type is old.type or turn.intent == "consult" or bool(_BARE_WISH.fullmatch(turn.text)))


def _known(draft: Draft) -> str:
    rows = queue_intake.summary(draft) if draft.queue else intake.summary(draft)
    return "；".join(f"{label}：{value}" for label, value in rows.items() if label != "诉求类型")


class AskOne(Action):
    """Asks one question of the form in the words that fit the type of ticket."""

    question = ""

    def name(self) -> str:
        return f"action_ask_{FORM}_{self.question}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        draft = Draft.from_dict(tracker.get_slot("ticket_draft"))
        response, values = self.wording(draft, bool(tracker.get_slot("ticket_wrong")))
        told = draft.course and draft.queue in (None, Queue.BUSINESS, Queue.POLICE)  # a wish for an appointment is no matter
        just_told = not draft.asked and (tracker.latest_message.get("intent") or {}).get("name") in TYPES
        if just_told and told and not (draft.type is TicketType.REPORT and self.question == "contact"):
            say(dispatcher, "utter_ticket_heard", "ticket_form", values={"type": draft.kind}, ticket_type=draft.kind)
        say(dispatcher, response, "ticket_form", values=values, ticket_type=draft.kind, options=self.options(draft, response))
        return []

    def options(self, draft: Draft, response: str) -> list[str] | None:
        """Return what can be picked as an answer."""
        return ["对，提交", "不对"] if response in READ_BACKS else None

    def wording(self, draft: Draft, wrong: bool) -> tuple[str, dict[str, str]]:
        """Return the response's name and its values."""
        return f"utter_ask_{self.question}", {"type": draft.kind}


class AskCourse(AskOne):
    question = "course"


class AskWhere(AskOne):
    question = "where"


class AskWho(AskOne):
    question = "who"


class AskWhen(AskOne):
    question = "when"


class AskContact(AskOne):
    """A reporter is offered anonymity first of all."""

    question = "contact"

    def wording(self, draft: Draft, wrong: bool) -> tuple[str, dict[str, str]]:
        if draft.again:
            return "utter_ask_contact_number", {}
        if draft.type is TicketType.REPORT:
            return ("utter_ask_contact_report_known" if draft.phone else "utter_ask_contact_report"), {}
        return "utter_ask_contact", {}


class AskConfirm(AskOne):
    """Reads back what was understood, or asks what is wrong with it."""

    question = "confirm"

    def wording(self, draft: Draft, wrong: bool) -> tuple[str, dict[str, str]]:
        if wrong:
            return "utter_ask_what_is_wrong", {}
        if not (draft.text or draft.course):
            return "utter_ask_course", {}  # nothing can be filed without a matter
        if draft.queue:
            return queues.read_back(draft, parts())
        rows = intake.summary(draft)
        return "utter_ask_confirm", {"summary": "；".join(f"{label}：{value}" for label, value in rows.items() if label != "诉求类型"),
                                     "type": draft.type.value}


class ActionOpenTicket(Action):
    """Opens the ticket once, whatever happens to the turn, and tells number, department and due date."""

    def name(self) -> str:
        return "action_open_ticket"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        p = parts()
        raw = tracker.get_slot("ticket_draft")
        turn = read_turn(tracker, p.regions, p.settings.region)
        if raw is None:
            return self._cancelled(dispatcher, tracker, domain, turn)
        draft = Draft.from_dict(raw)
        if not draft.confirmed:  # whatever led here: without his yes nothing is filed
            say(dispatcher, "utter_cancelled", "smalltalk", draft="dropped")
            return _forget()
        place = p.regions.find(draft.where or draft.text, within=turn.region)
        draft = queue_intake.completed(draft, p.regions.path_name(place.code if place else turn.region)) if draft.queue else draft
        draft = replace(draft, region=draft.region or (place.code if place else turn.region))
        try:
            opened = p.tickets.open(draft.to_new(turn.channel, tracker.get_slot("ticket_request")), p.clock())
        except TicketError as error:
            say(dispatcher, "utter_ticket_refused", "refused", values={"reason": error.message})
            return _forget()
        told = _told(opened.ticket, p)
        outcome, values = "ticket_opened", {**told, "code": opened.code or ""}
        response = "utter_ticket_opened_code" if opened.code else "utter_ticket_opened"
        if draft.queue is Queue.APPOINTMENT:
            outcome, values = "booked", {**values, **queues.booking(draft, p)}
            response = "utter_booked_code" if opened.code else "utter_booked"
        say(dispatcher, response, outcome, values=values, ticket_type=draft.kind,
            region=draft.region, ticket={**told, "due_on": told["due_on"], "code": opened.code},
            card=_card(opened.ticket, told, opened.code))
        return [*_forget(), SlotSet("opened_ticket", opened.ticket.number)]

    @staticmethod
    def _cancelled(dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], turn: Turn) -> list[EventType]:
        if not (turn.match["decision"] == "answer" and sounds_like_a_question(turn.text)):
            say(dispatcher, "utter_cancelled", "smalltalk", draft="dropped")
            return _forget()
        # 不投诉了,我问下护照咋办: both are dealt with.
        say(dispatcher, "utter_ticket_dropped", "smalltalk")
        answered = ActionConsult().run(dispatcher, tracker, domain)
        return [*_forget(), *(event for event in answered if event["event"] == "slot")]


def _told(ticket: Ticket, p: Parts) -> dict[str, str]:
    region = p.regions.path_name(ticket.region) if ticket.region and p.regions.get(ticket.region) else ""
    return {"number": ticket.number, "department": office(ticket.department, region), **due_of(ticket)}


def _card(ticket: Ticket, told: dict[str, str], code: str | None) -> dict[str, object]:
    rows = [("number", "工单编号", ticket.number), ("type", "诉求类型", ticket.type.value), ("category", "分类", ticket.category),
            ("department", "主办单位", told["department"]), ("due_on", "答复期限", told["due_on"]), ("code", "查询码", code)]
    return {"kind": "ticket", "number": ticket.number, "rows": card_rows([(key, title, [value]) for key, title, value in rows if value])}


def _forget() -> list[EventType]:
    return [SlotSet(slot, None) for slot in ("ticket_draft", "ticket_type", "ticket_request", "ticket_wrong", "unanswered", "offer")]
