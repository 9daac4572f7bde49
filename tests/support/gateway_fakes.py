"""Small stand-ins for what the gateway asks of the rest, and the parts put together from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.phrases import Phrases
from core.clock import SHANGHAI
from core.settings import ROOT
from knowledge.errors import UnknownItem
from knowledge.life_event import LifeEvent, Step
from knowledge.model import Candidate, Item, Match, Material, Reply

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)
ITEM = Item(code="id-card-reissue", name="居民身份证丢失补领", topic="户籍身份证", kind="公共服务", action="补领", subject=("个人",),
            department="公安", aliases=("身份证丢了怎么补",), basis=("《中华人民共和国居民身份证法》",), as_of=date(2026, 11, 1),
            materials=(Material("居民户口簿", "原件"),), source="household.yml:3")


@dataclass(frozen=True)
class FakeAlarm:
    kind: str
    also: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        return "crisis" if self.kind == "crisis" else f"emergency_{self.kind}"


class FakeDetector:
    """Hears exactly the words of its table."""

    WORDS = {"着火": FakeAlarm("119"), "砍人": FakeAlarm("110"), "喘不上气": FakeAlarm("120"), "撞车": FakeAlarm("122"),
             "撞伤人": FakeAlarm("122", ("120",)), "不想活": FakeAlarm("crisis", ("120", "110"))}

    def detect(self, text: str) -> FakeAlarm | None:
        return next((alarm for word, alarm in self.WORDS.items() if word in text), None)


@dataclass(frozen=True)
class FakeRegion:
    code: str
    name: str = ""
    parent: str | None = None


class FakeRegions:
    CODES = {"370100": "济南", "370102": "历下", "370600": "烟台"}

    def get(self, code: str) -> FakeRegion | None:
        return FakeRegion(code, self.CODES[code], None if code.endswith("00") else f"{code[:4]}00") if code in self.CODES else None

    def find(self, text: str, within: str | None = None) -> FakeRegion | None:
        return next((FakeRegion(code) for code, name in self.CODES.items() if name in text), None)


def candidate(code: str, name: str) -> Candidate:
    return Candidate(code, name, "item", 0.9, name)


EVENT = LifeEvent("life-theft", "遭了贼一件事", "试验", (), "遭了贼要办两件事。", (Step("card", "补身份证", ITEM.code), Step("lock", "换锁", after=("card",))),
                  (), date(2026, 11, 1))


class FakeKnowledge:
    """Knows the loss of an identity card; 补证 is unclear among five; 出错 breaks; all else is unknown."""

    def __init__(self) -> None:
        self.catalogue = self.matcher = self.answerer = self
        self.asked_about: list[tuple[str, str | None, str | None]] = []

    def match(self, text: str, limit: int = 5) -> Match:
        if "出错" in text:
            raise RuntimeError("index broken")
        if "身份证" in text:
            return Match("answer", "materials", (candidate(ITEM.code, ITEM.name),))
        if "补证" in text:
            five = tuple(candidate(f"item-{n}", f"第{n}种证") for n in range(1, 6))
            return Match("clarify", None, five, tuple(found.code for found in five[:4]))
        return Match("none", None, ())

    def about(self, code: str, facet: Any, region: str | None = None, asked: str | None = None) -> Reply:
        self.asked_about.append((code, facet, region))
        return Reply("utter_test_materials", {"materials": "居民户口簿"}, {"kind": "item", "code": code, "name": ITEM.name, "rows": []})

    def item(self, code: str, region: str | None = None) -> Item:
        if code != ITEM.code:
            raise UnknownItem(code)
        return ITEM

    def record(self, code: str) -> Item | LifeEvent:
        return EVENT if code == EVENT.code else self.item(code)

    def steps_of(self, event: LifeEvent, region: str | None = None) -> dict[str, Item]:
        return {ITEM.code: ITEM}


class RecordingLog:
    """Keeps what would be logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def info(self, event: str, **values: Any) -> None:
        self.lines.append(("info", event, values))

    def warning(self, event: str, **values: Any) -> None:
        self.lines.append(("warning", event, values))

    def error(self, event: str, **values: Any) -> None:
        self.lines.append(("error", event, values))

    def named(self, event: str) -> list[dict[str, Any]]:
        return [values for _, name, values in self.lines if name == event]


ANSWERS = {"utter_test_materials": ((None, "要带{materials}。"),)}
EMERGENCIES = {name: ((None, f"请马上拨打{number}。"), ("ivr", f"正在为您转接{number}。")) for name, number in (
    ("utter_emergency_119", "119"), ("utter_emergency_110", "110"), ("utter_emergency_120", "120"), ("utter_emergency_122", "122"),
    ("utter_emergency_122_injured", "122，有人受伤再打120"), ("utter_crisis", "12356"))}


def phrases() -> Phrases:
    """The product's own sentences, but for those whose wording others judge."""
    loaded = Phrases.load(ROOT / "bot" / "domain")
    return Phrases({**loaded.variants, **EMERGENCIES, **ANSWERS})
