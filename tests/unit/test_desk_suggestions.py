"""What an operator is told that he could answer."""

from __future__ import annotations

import pytest

from api.desk.suggestions import MOST, Suggestions
from knowledge.errors import UnknownItem
from tests.support.gateway_fakes import ITEM, FakeDetector, FakeKnowledge, FakeRegions, RecordingLog, phrases


@pytest.fixture
def knowledge() -> FakeKnowledge:
    return FakeKnowledge()


@pytest.fixture
def log() -> RecordingLog:
    return RecordingLog()


@pytest.fixture
def suggestions(knowledge: FakeKnowledge, log: RecordingLog) -> Suggestions:
    return Suggestions(knowledge, FakeRegions(), phrases(), FakeDetector(), log)  # type: ignore[arg-type]


async def test_a_suggestion_is_worded_and_names_its_record(suggestions: Suggestions) -> None:
    found = await suggestions.to("身份证丢了", "web", None)
    assert [(one.text, one.item, one.name, one.score) for one in found] == [("要带居民户口簿。", ITEM.code, ITEM.name, 0.9)]


async def test_what_is_unclear_has_three_suggestions_at_most(suggestions: Suggestions) -> None:
    found = await suggestions.to("补证", "web", None)
    assert [one.item for one in found] == ["item-1", "item-2", "item-3"]
    assert len(found) == MOST


async def test_the_region_that_the_caller_names_counts(suggestions: Suggestions, knowledge: FakeKnowledge) -> None:
    await suggestions.to("烟台身份证丢了", "web", "370102")
    assert knowledge.asked_about == [(ITEM.code, "materials", "370600")]


@pytest.mark.parametrize("text", ["", "今天天气不错", "家里着火了身份证也烧了"])
async def test_nothing_is_suggested_to_what_is_unknown_or_an_alarm(suggestions: Suggestions, knowledge: FakeKnowledge, text: str) -> None:
    assert await suggestions.to(text, "web", None) == []
    assert knowledge.asked_about == []


async def test_a_broken_index_costs_the_suggestions_and_nothing_else(suggestions: Suggestions, log: RecordingLog) -> None:
    assert await suggestions.to("身份证出错", "web", None) == []
    assert log.named("no_suggestions") == [{"error": "RuntimeError"}]


async def test_a_record_that_was_withdrawn_meanwhile_is_left_out(suggestions: Suggestions, knowledge: FakeKnowledge,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    def about(code: str, *rest: object) -> object:
        if code == "item-1":
            raise UnknownItem(code)
        return FakeKnowledge.about(knowledge, code, None)

    monkeypatch.setattr(knowledge, "about", about)
    assert [one.item for one in await suggestions.to("补证", "web", None)] == ["item-2", "item-3", "item-4"]
