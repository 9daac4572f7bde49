"""A conversation as the action server sees it, over small stand-ins for knowledge and tickets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Mapping

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import EMPTY_MATCH, Turn
from core.bootstrap import load_regions
from core.clock import SHANGHAI
from core.settings import Settings
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData
from knowledge.load import Department
from knowledge.model import Fee, Item, Material
from tests.support.words import words
from tickets.errors import TicketError
from tickets.model import NewTicket, Status, Ticket, TicketType, Urgency
from tickets.service import Opened

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
NUMBER = "2026110112345678"
LOST = Item("id-lost", "居民身份证丢失补领", "户籍", "公共服务", "补领", ("个人",), "公安", ("身份证丢了怎么补",), ("《居民身份证法》",), date(2026, 11, 1),
            fee=Fee(True, "每证40元"),
            materials=(Material("居民户口簿", "原件"),), location="派出所")
RENEW = Item("id-renew", "居民身份证换领", "户籍", "公共服务", "换领", ("个人",), "公安", ("身份证过期了",), ("《居民身份证法》",), date(2026, 11, 1),
             fee=Fee(True, "每证20元"))
# Its name holds a word that asks for a facet.
CLAIM = Item("claim", "医疗费用手工报销", "医保", "公共服务", "报销", ("个人",), "公安", (), (), date(2026, 11, 1), summary="先垫的钱拿票来报", fee=Fee(True, "每笔1元"))
ALLOWANCE = Item("allowance", "高龄津贴", "养老", "公共服务", "申领", ("个人",), "公安", (), (), date(2026, 11, 1), fee=Fee(False))
LOST_IN_YANTAI = Item("id-lost", "居民身份证丢失补领", "户籍", "公共服务", "补领", ("个人",), "公安", (), ("《居民身份证法》",), date(2026, 11, 1),
                      fee=Fee(False), region="370600")
REGIONS = load_regions(home="370100")


def matched(decision: str = "none", code: str | None = None, score: float = 0.9, facet: str | None = None, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the pipeline's matcher leaves on a message."""
    candidates = [{"code": code, "name": "", "kind": "item", "score": score, "matched_on": ""}] if code else []
    return {"decision": decision, "facet": facet, "candidates": candidates, "choices": list(choices)}


def turn(text: str, intent: str = "inform", confidence: float = 0.9, match: Mapping[str, Any] = EMPTY_MATCH, caller: str | None = None) -> Turn:
    return Turn(text, intent, confidence, match, "370100", None, caller, "c1", "web")


class FakeTickets:
    """Answers every call with one ticket, or with the error it is told to raise."""

    def __init__(self, error: TicketError | None = None, score: float = 0.0) -> None:
        self.error, self.score = error, score
        self.calls: list[tuple[Any, ...]] = []
        self.ticket = Ticket(NUMBER, TicketType.HELP, "路灯坏了", "路灯坏了", "路灯", "城市管理局", Urgency.GENERAL, "web", NOW, NOW, "digest",
                             region="370102", status=Status.DISPATCHED, phone="13812345678", urged=2,
                             due_at=datetime(2026, 11, 28, tzinfo=SHANGHAI), running=True, started_at=NOW)

    def extract(self, text: str) -> tuple[()]:
        return ()

    def classify(self, text: str) -> Any:
        return SimpleNamespace(type=TicketType.HELP, score=self.score)

    def open(self, new: NewTicket, at: datetime) -> Opened:
        self._note("open", new, at)
        return Opened(self.ticket, None if new.phone else "12345678", True)

    def _note(self, *call: Any) -> Ticket:
        self.calls.append(call)
        if self.error:
            raise self.error
        return self.ticket

    def view(self, number: str, **proof: Any) -> Ticket:
        return self._note("view", number, proof)

    def urge(self, number: str, **proof: Any) -> Ticket:
        return self._note("urge", number, proof)

    def withdraw(self, number: str, **proof: Any) -> Ticket:
        return self._note("withdraw", number, proof)

    def supplement(self, number: str, text: str, **proof: Any) -> Ticket:
        return self._note("supplement", number, text, proof)

    def rate(self, number: str, grade: str, **proof: Any) -> Ticket:
        return self._note("rate", number, grade, proof)


class RecordingMemory:
    """Notes what a turn wants to be remembered."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def pick(self, conversation: str, text: str, code: str, how: str) -> None:
        self.told.append(("pick", text, code, how))

    def miss(self, conversation: str, text: str) -> None:
        self.told.append(("miss", text))

    def take_back(self, conversation: str, text: str, code: str) -> None:
        self.told.append(("take_back", text, code))

    def silence(self, conversation: str) -> None:
        self.told.append(("silence", conversation))


def fake_parts(tickets: FakeTickets | None = None) -> Any:
    """Four items, one of them with a rule of its own in Yantai, and the regions of Shandong; the number to ask is this line's own."""
    catalogue = CatalogueData({item.code: item for item in (LOST, RENEW, CLAIM, ALLOWANCE)}, {("id-lost", "370600"): LOST_IN_YANTAI}, {})
    answerer = CatalogueAnswerer(catalogue, {"公安": Department("公安", "公安局", "12345")})
    knowledge = SimpleNamespace(catalogue=catalogue, answerer=answerer, lexicon=words())
    return SimpleNamespace(settings=Settings(), knowledge=knowledge, regions=REGIONS, tickets=tickets or FakeTickets(), clock=lambda: NOW,
                           memory=RecordingMemory())


@dataclass
class Talk:
    """One conversation: the slots that are kept, and what each action said and set."""

    slots: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    next_action: str | None = None

    def run(self, action: Action, text: str = "", intent: str = "inform", confidence: float = 0.9, match: Mapping[str, Any] = EMPTY_MATCH) -> "Talk":
        """Run one action on one message; slots set by it hold for the next."""
        message = {"text": text, "intent": {"name": intent, "confidence": confidence}, "metadata": self.metadata, "knowledge": match}
        self.events.append({"event": "user", "text": text, "input_channel": "web"})
        loop = {"name": self.loop} if self.loop else {}
        dispatcher = CollectingDispatcher()
        events = action.run(dispatcher, Tracker("c1", dict(self.slots), message, self.events, False, None, loop, None), {})
        self.said = dispatcher.messages
        self.next_action = next((event["name"] for event in events if event["event"] == "followup"), None)
        self.slots.update({event["name"]: event["value"] for event in events if event["event"] == "slot"})
        return self

    @property
    def response(self) -> str | None:
        """The name of the last response uttered."""
        return self.said[-1]["response"] if self.said else None

    @property
    def custom(self) -> dict[str, Any]:
        """The custom data of the last response uttered."""
        return dict(self.said[-1]["custom"])
