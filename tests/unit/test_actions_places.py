"""A conversation about what only some places have: said so with a person offered, asked back by place, settled by a region said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions import consult
from actions.consult import ActionChoose, ActionConsult
from core.settings import Settings
from knowledge.answer import CatalogueAnswerer
from knowledge.catalogue import CatalogueData
from knowledge.load import Department
from tests.support.action_fakes import LOST, REGIONS, Talk, fake_parts, matched

QINGDAO, JINAN, YANTAI = (replace(LOST, code=f"lost-{code}", only_in=(code,), location=place)
                          for code, place in (("370200", "青岛窗口"), ("370100", "济南窗口"), ("370600", "烟台窗口")))
ALONE = replace(QINGDAO, code="alone", name="海草房认定")


def talk(monkeypatch: pytest.MonkeyPatch, region: str = "370100", **slots: Any) -> Talk:
    parts = fake_parts()
    known = CatalogueData({item.code: item for item in (QINGDAO, JINAN, YANTAI, ALONE)}, {}, {})
    parts.settings = Settings(region=region)
    parts.knowledge.catalogue = known
    parts.knowledge.answerer = CatalogueAnswerer(known, {"公安": Department("公安", "公安局", "12345")}, REGIONS)
    monkeypatch.setattr(consult, "parts", lambda: parts)
    return Talk(dict(slots))


def test_what_another_city_has_is_said_to_be_there_alone_and_a_person_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = talk(monkeypatch).run(ActionConsult(), "海草房认定要带什么", "ask_item", match=matched("answer", "alone", facet="materials"))
    assert (chat.response, chat.said[-1]["places"], chat.said[-1]["here"]) == ("utter_item_elsewhere", "青岛市", "济南")
    assert (chat.custom["options"], chat.slots["offer"], "card" in chat.custom) == (["转人工", "登记工单"], "person_or_ticket", False)
    there = chat.run(ActionConsult(), "青岛呢", "follow_up", match=matched())
    assert ([message["response"] for message in there.said], there.said[-1]["materials"]) == (["utter_item_materials"], "居民户口簿（原件）")


def test_of_one_name_the_callers_own_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    both = matched("clarify", "lost-370200", 0.5, "location", ("lost-370200", "lost-370100"))
    both["candidates"].append(both["candidates"][0] | {"code": "lost-370100"})
    chat = talk(monkeypatch).run(ActionConsult(), "居民身份证丢失补领到哪儿办", "ask_item", match=both)
    assert (chat.response, chat.said[-1]["location"]) == ("utter_item_location", "济南窗口")
    moved = chat.run(ActionConsult(), "烟台呢", "follow_up", match=matched())
    assert ([message["response"] for message in moved.said], moved.said[-1]["location"]) == (["utter_item_location"], "烟台窗口")


@pytest.mark.parametrize(("said", "place"), [("济南的", "济南窗口"), ("我在青岛", "青岛窗口"), ("烟台的", "烟台窗口")])
@pytest.mark.parametrize("action", [ActionConsult, ActionChoose])
def test_with_no_region_known_it_is_asked_by_place(monkeypatch: pytest.MonkeyPatch, action: Any, said: str, place: str) -> None:
    both = matched("clarify", "lost-370200", 0.5, "location", ("lost-370200", "lost-370100"))
    both["candidates"].append(both["candidates"][0] | {"code": "lost-370100"})
    chat = talk(monkeypatch, "370000").run(ActionConsult(), "居民身份证丢失补领到哪儿办", "ask_item", match=both)
    assert (chat.response, chat.custom["options"]) == ("utter_clarify", ["青岛市的", "济南市的"])
    chosen = chat.run(action(), said, "inform", match=matched())
    assert (chosen.response, chosen.said[-1]["location"]) == ("utter_item_location", place)
