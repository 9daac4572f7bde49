"""The knowledge of a serving process: a new edition is swapped in whole, and a broken database never takes the old one away."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.clock import SHANGHAI
from knowledge.bootstrap import Knowledge, assemble
from knowledge.catalogue import CatalogueData
from knowledge.live import LiveKnowledge
from knowledge.load import Department
from knowledge.model import Item

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI)
LAMP = Item("lamp", "路灯登记", "试验", "公共服务", "登记", ("个人",), "城管", ("登记路灯",), ("《路灯办法》",), date(2026, 11, 1), location="城管窗口")


class Log:
    """Keeps what was told."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def info(self, event: str, **values: object) -> None:
        self.events.append(event)

    def error(self, event: str, **values: object) -> None:
        self.events.append(event)


class Shelf:
    """A store in memory: the item in force, its revision, the time, and whether the database answers."""

    def __init__(self) -> None:
        self.item, self.number, self.now, self.up, self.reads = LAMP, 1, NOON, True, 0
        self.log = Log()

    def revision(self) -> int:
        if not self.up:
            raise OSError("the database is away")
        return self.number

    def read(self, day: date) -> Knowledge:
        self.reads += 1
        if not self.up:
            raise OSError("the database is away")
        return assemble(CatalogueData({"lamp": replace(self.item, as_of=day)}, {}, {}), {"城管": Department("城管", "城市管理局", "12345")})

    def live(self) -> LiveKnowledge:
        return LiveKnowledge(self.revision, self.read, lambda: self.now, self.log)


def test_a_published_change_is_in_force_after_the_next_look() -> None:
    shelf = Shelf()
    live = shelf.live()
    assert not live.refresh()
    shelf.item, shelf.number = replace(LAMP, name="路灯拆除", location="政务大厅"), 2
    assert live.catalogue.item("lamp").location == "城管窗口"
    assert live.refresh()
    assert live.catalogue.item("lamp").location == "政务大厅"
    assert live.answerer.name_of("lamp") == "路灯拆除"
    assert live.matcher.match("路灯拆除").candidates[0].name == "路灯拆除"
    assert (shelf.reads, shelf.log.events) == (2, ["knowledge_read"])


def test_a_new_day_is_a_new_edition_for_versions_may_begin_or_end() -> None:
    shelf = Shelf()
    live = shelf.live()
    shelf.now += timedelta(hours=13)
    assert live.refresh()
    assert live.catalogue.item("lamp").as_of == date(2026, 11, 23)


def test_callers_are_answered_from_the_last_good_edition_while_the_database_is_away_and_it_is_told_once() -> None:
    shelf = Shelf()
    live = shelf.live()
    shelf.up = False
    assert [live.refresh() for _ in range(3)] == [False, False, False]
    assert live.catalogue.item("lamp").location == "城管窗口"
    assert shelf.log.events == ["knowledge_not_read"]
    shelf.up, shelf.number = True, 2
    assert live.refresh()
    shelf.up = False
    live.refresh()
    assert shelf.log.events == ["knowledge_not_read", "knowledge_read", "knowledge_not_read"], "a second outage is told again"


def test_a_process_without_knowledge_does_not_start() -> None:
    shelf = Shelf()
    shelf.up = False
    with pytest.raises(OSError, match="away"):
        shelf.live()


def test_watching_picks_a_change_up_by_itself() -> None:
    shelf, seen = Shelf(), threading.Event()
    live = shelf.live()
    shelf.log.info = lambda event, **values: seen.set()  # type: ignore[method-assign]
    live.watch(every=0.01)
    shelf.item, shelf.number = replace(LAMP, location="政务大厅"), 2
    assert seen.wait(30)
    assert live.catalogue.item("lamp").location == "政务大厅"
