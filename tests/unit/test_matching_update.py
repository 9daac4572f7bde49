"""A matcher after a change: what is new is found at once, what is gone is found no more, and the rest is shared."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import date, datetime
from typing import Mapping, Sequence

import pytest

from core.clock import SHANGHAI
from knowledge.bootstrap import load_catalogue, load_matching, names_of, texts_of
from knowledge.catalogue import CatalogueData
from knowledge.live import LiveKnowledge
from knowledge.matching.matcher import FEW, GROWN, KnowledgeMatcher
from knowledge.matching.names import Name
from knowledge.matching.recalibration import pseudo_queries
from tests.support.growth import growth

MATCHING = load_matching()
Said = Mapping[str, Sequence[Name]]


def record(code: str, *texts: str) -> tuple[Name, ...]:
    return tuple(Name(code, text, "item", texts[0]) for text in texts)


SMALL: Said = {
    "id-lost": record("id-lost", "居民身份证丢失补领", "身份证丢了怎么补"),
    "id-renew": record("id-renew", "居民身份证换领", "身份证到期换新的"),
    "passport": record("passport", "普通护照首次申领", "头一回办护照"),
    "company": record("company", "公司设立登记", "想开个公司"),
}
LAMP = record("lamp", "路灯装设备案", "想在巷子里装个路灯")


def built(said: Said, texts: Mapping[str, str] | None = None) -> KnowledgeMatcher:
    names = [name for group in said.values() for name in group]
    return KnowledgeMatcher([*names, *MATCHING.beyond[::100]], texts or {}, MATCHING.lexicon, MATCHING.models)


def changed(matcher: KnowledgeMatcher, change: Said, texts: Mapping[str, str] | None = None) -> KnowledgeMatcher:
    found = matcher.updated(change, texts or {})
    assert found is not None
    return found


def first(matcher: KnowledgeMatcher, text: str) -> str | None:
    found = matcher.match(text).candidates
    return found[0].code if found else None


def codes(matcher: KnowledgeMatcher, text: str) -> set[str]:
    return {candidate.code for candidate in matcher.match(text, 1000).candidates}


BASE = built(SMALL)


def test_what_is_added_is_found_at_once_and_the_old_matcher_stays_as_it_was() -> None:
    before = BASE.match("路灯装设备案")
    found = changed(BASE, {"lamp": LAMP})
    for name in LAMP:
        assert (found.match(name.text).decision, first(found, name.text)) == ("answer", "lamp")
    assert first(found, "身份证丢了怎么补") == "id-lost"
    assert BASE.match("路灯装设备案") == before
    assert "lamp" not in codes(BASE, "路灯装设备案")


def test_what_is_withdrawn_is_found_no_more() -> None:
    found = changed(BASE, {"id-lost": ()})
    for text in ("居民身份证丢失补领", "身份证丢了怎么补", "身份证"):
        assert "id-lost" not in codes(found, text)
    assert "id-renew" in codes(found, "身份证")
    assert found.size < BASE.size


def test_what_is_renamed_is_found_by_its_new_names_alone() -> None:
    found = changed(BASE, {"company": record("company", "经营主体开业登记", "注册一家企业")})
    assert first(found, "经营主体开业登记") == "company"
    shown = found.match("公司设立登记", 1000)
    assert shown.decision != "answer"
    assert all(candidate.name != "公司设立登记" != candidate.matched_on for candidate in shown.candidates)


def test_a_changed_text_counts() -> None:
    said = {**SMALL, "a": record("a", "第一号登记"), "b": record("b", "第二号登记")}
    matcher = built(said, {"a": "蜜蜂养殖场", "b": "水库捕鱼"})
    swapped = changed(matcher, {code: said[code] for code in ("a", "b")}, {"a": "水库捕鱼", "b": "蜜蜂养殖场"})
    fresh = built(said, {"a": "水库捕鱼", "b": "蜜蜂养殖场"})
    scores = [{candidate.code: candidate.score for candidate in one.match("养殖蜜蜂登记", 1000).candidates} for one in (matcher, swapped, fresh)]
    assert [found["a"] > found["b"] for found in scores] == [True, False, False]


def test_an_update_on_an_update_keeps_both() -> None:
    found = changed(changed(BASE, {"lamp": LAMP}), {"id-lost": ()})
    assert first(found, "路灯装设备案") == "lamp"
    assert "id-lost" not in codes(found, "身份证丢了怎么补")
    found = changed(found, {"lamp": record("lamp", "巷灯备案"), "id-lost": SMALL["id-lost"]})
    assert first(found, "身份证丢了怎么补") == "id-lost"
    assert first(found, "巷灯备案") == "lamp"
    assert found.match("想在巷子里装个路灯").decision != "answer"
    found = changed(found, {"lamp": ()})
    assert "lamp" not in codes(found, "巷灯备案")
    assert found.size == BASE.size
    assert len(found.segments) == 2, "the base, and all changes together"


def test_updates_one_by_one_are_one_update() -> None:
    change = {"lamp": LAMP, "id-renew": (), "company": record("company", "企业开办登记")}
    steps = BASE
    for code, names in change.items():
        steps = changed(steps, {code: names})
    once = changed(BASE, change)
    for text in ("身份证", "路灯", "企业开办登记", "公司登记", "护照"):
        assert steps.match(text, 1000) == once.match(text, 1000)


def test_a_base_of_which_everything_is_gone_finds_nothing() -> None:
    gone = changed(BASE, {code: () for code in BASE.segments[0].codes})
    assert gone.size == 0
    assert [gone.match(text) for text in ("居民身份证换领", "护照", "")] == [replace(gone.match(text), decision="none", candidates=(), choices=())
                                                                       for text in ("居民身份证换领", "护照", "")]


def test_the_base_is_shared_and_not_copied() -> None:
    one = changed(BASE, {"lamp": LAMP})
    two = changed(one, {"passport": ()})
    for found in (one, two):
        assert found.segments[0] is BASE.segments[0]
        assert found.segments[0].postings is BASE.segments[0].postings
        assert found.reader is BASE.reader
    assert BASE.segments == (BASE.segments[0],)


def test_when_too_much_has_changed_all_is_to_be_built_anew() -> None:
    most = int(GROWN * len(BASE.segments[0].names)) + FEW
    many = {f"n{i}": record(f"n{i}", f"第{i}号路灯备案") for i in range(most + 1)}
    fewer = dict(list(many.items())[:most])
    full = changed(BASE, fewer)
    assert BASE.updated(many, {}) is None
    assert full.updated({"lamp": LAMP}, {}) is None, "what changed before counts"
    assert full.updated({"n0": ()}, {}) is not None
    assert full.updated({"passport": ()}, {}) is not None


# --- on the whole catalogue ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def whole() -> tuple[KnowledgeMatcher, dict[str, tuple[Name, ...]], dict[str, str]]:
    catalogue = load_catalogue()[0]
    said: dict[str, tuple[Name, ...]] = {}
    for name in names_of(catalogue):
        said[name.code] = (*said.get(name.code, ()), name)
    texts = texts_of(catalogue)
    names = [name for group in said.values() for name in group]
    return KnowledgeMatcher([*names, *MATCHING.beyond], texts, MATCHING.lexicon, MATCHING.models), said, texts


def test_an_updated_matcher_finds_what_one_built_anew_finds(whole: tuple[KnowledgeMatcher, dict[str, tuple[Name, ...]], dict[str, str]]) -> None:
    matcher, said, texts = whole
    change: dict[str, tuple[Name, ...]] = {"lamp": LAMP}
    for i, code in enumerate(sorted(said)[::60]):
        group = said[code]
        change[code] = ((), tuple(replace(name, text=f"{name.text}新" if place else f"全新{name.text}") for place, name in enumerate(group)),
                        group[:len(group) // 2 + 1])[i % 3]
    updated = changed(matcher, change)
    now = {**said, **change}
    names = [name for group in now.values() for name in group]
    fresh = KnowledgeMatcher([*names, *MATCHING.beyond], texts, MATCHING.lexicon, MATCHING.models)
    gone = {code for code, group in change.items() if not group}
    exact = [*(name for group in change.values() for name in group), *random.Random(7).sample(names, 100)]
    assert [name.text for name in exact if first(updated, name.text) != first(fresh, name.text)] == []
    heard = [text for text, _ in pseudo_queries(names, 150)]
    apart = [text for text in heard if first(updated, text) != first(fresh, text)]
    assert len(apart) <= 0.03 * len(heard), apart  # rarity is the base's: what is nearly as near may change places
    assert not gone & {code for text in heard for code in codes(updated, text)}


def test_one_changed_record_costs_far_less_than_a_build(whole: tuple[KnowledgeMatcher, dict[str, tuple[Name, ...]], dict[str, str]]) -> None:
    _, said, texts = whole
    part = dict(list(said.items())[:60])
    matcher = built(part, texts)
    change = {code: tuple(replace(name, text=name.text + "吗") for name in part[code]) for code in list(part)[:1]}
    work = {"update": lambda: changed(matcher, change, texts), "build": lambda: built(part, texts)}
    assert growth(lambda what: work[what](), "update", "build") > 10


# --- swapped while callers talk --------------------------------------------------------------------------------------
class Edition:
    """A matcher whose names carry the number of the edition; nothing else is asked of it."""

    catalogue, answerer = CatalogueData({}, {}, {}), None

    def __init__(self, matcher: KnowledgeMatcher) -> None:
        self.matcher = matcher


class Quiet:
    """A log that is told nothing but good news."""

    def info(self, event: str, **values: object) -> None:
        assert event == "knowledge_read", values

    error = info


def numbered(number: int) -> Said:
    return {code: tuple(replace(name, official=f"{name.official}第{number}版") for name in group) for code, group in SMALL.items()}


def test_every_answer_comes_wholly_from_one_edition_while_editions_are_swapped() -> None:
    swaps, revision = 50, [0]
    matchers = [built(numbered(0))]

    def read(day: date) -> Edition:
        if revision[0]:
            matchers.append(changed(matchers[-1], numbered(revision[0])))
        return Edition(matchers[-1])

    live = LiveKnowledge(lambda: revision[0], read, lambda: datetime(2026, 11, 22, 12, tzinfo=SHANGHAI), Quiet())  # type: ignore[arg-type]
    done, faults, seen, turns = threading.Event(), [], set(), threading.Semaphore(0)

    def call() -> None:
        while True:
            last = done.is_set()
            for text in ("身份证丢了", "护照咋办", "公司登记", "居民身份证换领"):
                turns.release()
                try:
                    found = live.matcher.match(text)
                    editions = {candidate.name.rpartition("第")[2] for candidate in found.candidates}
                    seen.update(editions)
                    if len(editions) != 1 or not found.candidates:
                        faults.append((text, found))
                except Exception as error:
                    faults.append((text, error))
            if last:
                return

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    try:
        for revision[0] in range(1, swaps + 1):
            assert live.refresh()
            assert turns.acquire(timeout=60), "no caller is served"  # swaps and calls alternate, as far as threads do
    finally:
        done.set()
        for caller in callers:
            caller.join()
    assert faults == []
    assert len(matchers) == swaps + 1
    assert f"{swaps}版" in seen
    assert len(seen) > 2, "callers were answered by several editions"
