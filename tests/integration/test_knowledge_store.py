"""The store of the knowledge on real databases: versions, days, and that nothing is half-written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from core.clock import SHANGHAI
from core.db import connect, migrate
from core.settings import Settings
from knowledge import editing
from knowledge.bootstrap import load_catalogue, open_store
from knowledge.curated import CURATED, Sync, synchronise
from knowledge.document import digest, write_item
from knowledge.editions import catalogue_in_force, documents_of
from knowledge.errors import ConcurrentChange, KnowledgeFaulty, UnknownItem, UnknownVersion
from knowledge.model import Item
from knowledge.record import Change
from knowledge.store.sql import SqlKnowledge
from tests.support.postgres import empty

AT = datetime(2026, 11, 5, 10, 30, tzinfo=SHANGHAI)
DAY = date(2026, 11, 5)
LAMP = Item("lamp", "路灯登记", "试验", "公共服务", "登记", ("个人",), "城管", ("登记路灯",), ("《路灯办法》",), date(2026, 11, 1))
FIRST, SECOND, THIRD = (write_item(replace(LAMP, location=place)) for place in ("城管窗口", "政务大厅", "镇街窗口😀"))
POSTGRES = os.environ.get("TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="TEST_DATABASE_URL is not set"))])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlKnowledge]:
    url = f"sqlite:///{tmp_path / 'hotline.db'}" if request.param == "sqlite" else POSTGRES
    if request.param == "postgresql":
        empty(url)
    migrate(url)
    database = connect(url)
    yield SqlKnowledge(database)
    database.close()


def put(store: SqlKnowledge, *changes: Change, author: str = "editor") -> int:
    return store.put(changes, author=author, at=AT, note="试验")


def told(store: SqlKnowledge, day: date = DAY) -> list[tuple[str, int]]:
    return [(version.code, version.number) for version in store.in_force(day)]


def test_a_version_comes_back_as_it_was_put(store: SqlKnowledge) -> None:
    assert put(store, Change("item", "lamp", THIRD)) == 1
    version = store.versions("lamp")[0]
    assert (version.kind, version.number, version.state, version.document) == ("item", 1, "published", THIRD)
    assert (version.author, version.at, version.note, version.digest) == ("editor", AT, "试验", digest(THIRD))
    assert catalogue_in_force(store, DAY).item("lamp").location == "镇街窗口😀"


def test_versions_are_appended_and_the_newest_published_one_is_heard(store: SqlKnowledge) -> None:
    put(store, Change("item", "lamp", FIRST))
    put(store, Change("item", "lamp", SECOND), Change("item", "pole", FIRST))
    put(store, Change("item", "lamp", THIRD, "draft"))
    assert [version.document for version in store.versions("lamp")] == [FIRST, SECOND, THIRD]
    assert told(store) == [("lamp", 2), ("pole", 1)]
    assert store.newest(["lamp", "pole", "nothing"])["lamp"].state == "draft"
    assert {code: (head.number, head.state) for code, head in store.heads().items()} == {"lamp": (3, "draft"), "pole": (1, "published")}


@pytest.mark.parametrize(("day", "number"), [
    ("2026-11-30", 1), ("2026-12-01", 2), ("2026-12-31", 2), ("2027-01-01", None),
], ids=["before its first day the old one holds", "on its first day", "on its last day", "past its last day nothing comes back"])
def test_a_version_is_heard_from_its_first_to_its_last_day(store: SqlKnowledge, day: str, number: int | None) -> None:
    put(store, Change("item", "lamp", FIRST), Change("item", "lamp", {**SECOND, "valid_from": "2026-12-01", "valid_to": "2026-12-31"}))
    assert told(store, date.fromisoformat(day)) == ([("lamp", number)] if number else [])


def test_the_revision_grows_with_what_callers_can_hear_and_not_with_drafts(store: SqlKnowledge) -> None:
    before = store.revision()
    put(store, Change("item", "lamp", FIRST, "draft"))
    assert store.revision() == before
    put(store, Change("item", "lamp", FIRST))
    published = store.revision()
    assert published > before
    editing.withdraw(store, "lamp", author="editor", at=AT)
    assert store.revision() > published
    assert told(store) == []


def test_a_put_that_fails_half_way_leaves_nothing(store: SqlKnowledge) -> None:
    def changes() -> Iterator[Change]:
        for number in range(1200):
            yield Change("item", f"lamp-{number}", FIRST)
        raise OSError("the spool is gone")

    with pytest.raises(OSError, match="spool"):
        store.put(changes(), author="import", at=AT, note="")
    assert (store.heads(), store.revision()) == ({}, 0)


def test_a_change_made_after_an_older_version_is_refused_whole(store: SqlKnowledge) -> None:
    put(store, Change("item", "lamp", FIRST))
    put(store, Change("item", "lamp", SECOND, after=1))
    with pytest.raises(ConcurrentChange):
        put(store, Change("item", "pole", FIRST, after=0), Change("item", "lamp", THIRD, after=1))
    assert sorted(store.heads()) == ["lamp"]
    assert len(store.versions("lamp")) == 2


def test_a_draft_is_published_and_an_old_version_restored_as_the_newest(store: SqlKnowledge) -> None:
    put(store, Change("item", "lamp", FIRST))
    put(store, Change("item", "lamp", SECOND, "draft"))
    assert editing.publish(store, "lamp", author="wang", at=AT) == 3
    assert editing.restore(store, "lamp", 1, author="li", at=AT) == 4
    assert [(v.state, v.author, v.document["location"]) for v in editing.history(store, "lamp")] == [
        ("published", "editor", "城管窗口"), ("draft", "editor", "政务大厅"), ("published", "wang", "政务大厅"), ("published", "li", "城管窗口")]
    with pytest.raises(UnknownVersion):
        editing.publish(store, "lamp", author="wang", at=AT)
    with pytest.raises(UnknownVersion):
        editing.restore(store, "lamp", 9, author="wang", at=AT)
    with pytest.raises(UnknownItem):
        editing.withdraw(store, "pole", author="wang", at=AT)


def test_a_withdrawn_record_comes_back_by_restoring(store: SqlKnowledge) -> None:
    put(store, Change("item", "lamp", FIRST))
    editing.withdraw(store, "lamp", author="wang", at=AT)
    editing.restore(store, "lamp", 1, author="wang", at=AT)
    assert told(store) == [("lamp", 3)]


def sync(store: SqlKnowledge, *files: dict) -> Sync:
    return synchronise(store, {document["code"]: ("item", document) for document in files}, at=AT)


def test_the_files_reach_the_store_once(store: SqlKnowledge) -> None:
    catalogue, _, _ = load_catalogue()
    files = documents_of(catalogue)
    assert synchronise(store, files, at=AT).written == len(files)
    assert synchronise(store, files, at=AT) == Sync(0, 0, ())
    found = catalogue_in_force(store, DAY)
    assert dict(found.by_code) == dict(catalogue.by_code)
    assert dict(found.variants) == dict(catalogue.variants)
    assert dict(found.policy_by_code) == dict(catalogue.policy_by_code)
    assert dict(found.event_by_code) == dict(catalogue.event_by_code)


def test_a_newer_file_is_published_where_nobody_edited(store: SqlKnowledge) -> None:
    sync(store, FIRST)
    assert sync(store, SECOND) == Sync(1, 0, ())
    assert catalogue_in_force(store, DAY).item("lamp").location == "政务大厅"


def test_a_newer_file_waits_as_a_draft_behind_an_editors_version_and_is_told_once(store: SqlKnowledge) -> None:
    sync(store, FIRST)
    put(store, Change("item", "lamp", SECOND))
    assert sync(store, FIRST) == Sync(0, 0, ())
    assert sync(store, THIRD) == Sync(0, 0, ("lamp",))
    assert sync(store, THIRD) == Sync(0, 0, ())
    assert catalogue_in_force(store, DAY).item("lamp").location == "政务大厅"
    assert store.versions("lamp")[-1].author == CURATED


def test_a_record_dropped_from_the_files_is_withdrawn_unless_an_editor_holds_it(store: SqlKnowledge) -> None:
    pole = {**FIRST, "code": "pole"}
    sync(store, FIRST, pole)
    put(store, Change("item", "pole", {**pole, "location": "电杆旁"}))
    assert sync(store) == Sync(0, 1, ())
    assert told(store) == [("pole", 2)]
    assert sync(store, FIRST) == Sync(1, 0, ()), "and comes back with the file"


def test_an_editors_withdrawal_outlives_the_files(store: SqlKnowledge) -> None:
    sync(store, FIRST)
    editing.withdraw(store, "lamp", author="wang", at=AT)
    assert sync(store, FIRST) == Sync(0, 0, ())
    assert told(store) == []


def test_a_withdrawal_holds_at_once_though_a_later_version_is_planned(store: SqlKnowledge) -> None:
    put(store, Change("item", "lamp", FIRST), Change("item", "lamp", {**SECOND, "valid_from": "2027-06-01"}))
    editing.withdraw(store, "lamp", author="wang", at=AT)
    assert (told(store), told(store, date(2027, 7, 1))) == ([], [])


def test_a_record_that_cannot_be_read_is_left_out_and_silences_no_other(store: SqlKnowledge) -> None:
    put(store, Change("item", "lamp", FIRST), Change("item", "pole", {**FIRST, "code": "pole", "colour": "red"}))
    faults: list[str] = []
    found = catalogue_in_force(store, DAY, faulty=lambda error: faults.append(str(error)))
    assert (list(found.by_code), faults) == (["lamp"], ["pole 1:1: unknown key 'colour'"])
    with pytest.raises(KnowledgeFaulty):
        catalogue_in_force(store, DAY)


def test_what_is_not_in_the_format_is_neither_published_nor_restored(store: SqlKnowledge) -> None:
    bad = {**FIRST, "colour": "red"}
    put(store, Change("item", "lamp", FIRST), Change("item", "lamp", bad, "draft"))
    with pytest.raises(KnowledgeFaulty):
        editing.publish(store, "lamp", author="wang", at=AT)
    with pytest.raises(KnowledgeFaulty):
        editing.restore(store, "lamp", 2, author="wang", at=AT)
    assert len(store.versions("lamp")) == 2


def test_an_editors_record_stays_when_the_files_drop_it_though_a_draft_of_theirs_waits(store: SqlKnowledge) -> None:
    sync(store, FIRST)
    put(store, Change("item", "lamp", SECOND))
    sync(store, THIRD)
    assert sync(store) == Sync(0, 0, ())
    assert told(store) == [("lamp", 2)]


def test_a_draft_that_an_editor_has_open_is_not_buried_by_the_files(store: SqlKnowledge) -> None:
    sync(store, FIRST)
    put(store, Change("item", "lamp", SECOND, "draft"))
    assert sync(store, THIRD).waiting == ("lamp",)
    assert told(store) == [("lamp", 1)]


def test_processes_that_start_together_fill_the_store_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(3) as pool:
        stores = list(pool.map(lambda _: open_store(settings), range(3)))
    assert {head.number for head in stores[0].heads().values()} == {1}
