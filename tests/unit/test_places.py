"""What holds only in some places: said so, never told elsewhere; of one name the record that holds nearest is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from api.phrases import Phrases
from core.bootstrap import load_regions
from core.settings import ROOT
from knowledge.answer import CatalogueAnswerer
from knowledge.bootstrap import assemble
from knowledge.catalogue import CatalogueData, cross_faults
from knowledge.difference import difference
from knowledge.document import read_item, write_item
from knowledge.errors import KnowledgeFaulty
from knowledge.holding import holding, said_here, said_places
from knowledge.life_event import LifeEvent, Step
from knowledge.load import Department
from knowledge.matching.places import at_home, prefer
from knowledge.model import FACETS, Candidate, Decision, Facet, Item, Limit, Match, Material, Question, Result
from knowledge.plan import plan

PHRASES = Phrases.load(ROOT / "bot" / "domain")
REGIONS = load_regions(home="370100")
JINAN, LIXIA, SHIZHONG, QINGDAO, LAOSHAN, YANTAI, PROVINCE = "370100", "370102", "370103", "370200", "370212", "370600", "370000"
LAMP = Item("lamp", "路灯认养（居民）", "市政", "公共服务", "认养", ("个人",), "城管", (), ("《路灯办法》",), date(2026, 11, 1), source="x.yml:3",
            summary="带认养表到窗口就能认养", materials=(Material("认养表"),), process=("交表", "领牌"), legal_limit=Limit(3), location="窗口",
            result=Result("路灯牌"), questions=(Question("认养要交钱吗", "不用交钱"),))
OF_QINGDAO = replace(LAMP, code="lamp-q", only_in=(QINGDAO,), materials=(Material("青岛认养表"),))
OF_JINAN = replace(LAMP, code="lamp-j", name="路灯认养(居民)", only_in=(JINAN,), materials=(Material("济南认养表"),))
OF_LIXIA = replace(LAMP, code="lamp-l", only_in=(LIXIA,))
OTHER = replace(LAMP, code="bench", name="长椅认养")


def catalogue(*items: Item) -> CatalogueData:
    return CatalogueData({item.code: item for item in items}, {}, {})


def match(decision: Decision, *scored: tuple[Item, float]) -> Match:
    found = tuple(Candidate(item.code, item.name, "item", score, item.name) for item, score in scored)
    return Match(decision, "materials", found, tuple(one.code for one in found[:4]) if decision == "clarify" else ())


# --- where it holds --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("only_in", "region", "expected"), [
    ((), None, "here"), ((), JINAN, "here"), ((QINGDAO,), None, "perhaps"), ((QINGDAO,), PROVINCE, "perhaps"), ((QINGDAO,), QINGDAO, "here"),
    ((QINGDAO,), LAOSHAN, "here"), ((QINGDAO,), JINAN, "elsewhere"), ((LAOSHAN,), QINGDAO, "perhaps"), ((LIXIA,), SHIZHONG, "elsewhere"),
    ((PROVINCE,), LIXIA, "here"), ((QINGDAO, JINAN), LIXIA, "here"),
])
def test_a_city_covers_its_counties_and_an_unknown_region_settles_nothing(only_in: tuple[str, ...], region: str | None, expected: str) -> None:
    assert holding(only_in, region) == expected


def test_at_most_three_places_are_named() -> None:
    assert said_places((QINGDAO,), REGIONS) == "青岛市"
    assert said_places((LIXIA, QINGDAO, YANTAI), REGIONS) == "济南市历下区、青岛市、烟台市"
    assert said_places((JINAN, QINGDAO, "370300", YANTAI), REGIONS) == "济南市、青岛市、淄博市等4个地方"
    assert (said_here((QINGDAO,), SHIZHONG, REGIONS), said_here((LIXIA,), SHIZHONG, REGIONS)) == ("济南", "市中区")


# --- what is told ----------------------------------------------------------------------------------------------------
def answerer(*items: Item) -> CatalogueAnswerer:
    return CatalogueAnswerer(catalogue(*items), {"城管": Department("城管", "城市管理局", "12319")}, REGIONS)


@pytest.mark.parametrize("channel", ["web", "ivr"])
@pytest.mark.parametrize("facet", [None, *FACETS])
def test_elsewhere_nothing_is_told_but_where_it_holds(facet: Facet | None, channel: str) -> None:
    reply = answerer(OF_QINGDAO).about("lamp-q", facet, LIXIA, "认养要交钱吗")
    told = PHRASES.render(reply.response, channel, **reply.values)
    assert reply.card is None
    assert "青岛市" in told and "济南" in told and "认养表" not in told and "不用交钱" not in told
    assert told.endswith("。要不要给您转人工，或者登记一下？" if channel == "web" else "可以说转人工，或者登记工单。")


@pytest.mark.parametrize("channel", ["web", "ivr"])
@pytest.mark.parametrize("asked", [None, "认养要交钱吗"])
@pytest.mark.parametrize("facet", [None, *FACETS])
def test_with_no_region_known_the_place_comes_with_every_answer(facet: Facet | None, asked: str | None, channel: str) -> None:
    for region in (None, PROVINCE):
        reply = answerer(OF_QINGDAO).about("lamp-q", facet, region, asked)
        assert "青岛市" in PHRASES.render(reply.response, channel, **reply.values)
        assert reply.card


def test_where_it_holds_it_is_told_like_any_other_and_the_card_names_the_place() -> None:
    here, everywhere = answerer(OF_QINGDAO).about("lamp-q", "materials", LAOSHAN), answerer(LAMP).about("lamp", "materials", LAOSHAN)
    assert here.values["name"] == everywhere.values["name"]
    assert here.card and here.card["rows"][0] == {"key": "only_here", "title": "只在这里有", "lines": ["青岛市"]}  # type: ignore[index]
    assert everywhere.card and everywhere.card["rows"][0]["title"] == "要带的材料"  # type: ignore[index]


def test_the_nearest_variant_wins_where_the_item_holds() -> None:
    city, county = (replace(OF_QINGDAO, region=region, materials=(Material(name),)) for region, name in ((QINGDAO, "市表"), (LAOSHAN, "区表")))
    known = CatalogueData({"lamp-q": OF_QINGDAO}, {("lamp-q", QINGDAO): city, ("lamp-q", LAOSHAN): county}, {})
    told = [CatalogueAnswerer(known, {}, REGIONS).about("lamp-q", "materials", region).values.get("materials") for region in (LAOSHAN, "370202", JINAN)]
    assert told == ["区表", "市表", None]


def test_a_life_event_asks_nobody_for_another_citys_papers() -> None:
    event = LifeEvent("life-lamp", "管路灯一件事", "试验", (), "管路灯要办一件事。", (Step("lamp", "认养", "lamp-q"),), (), date(2026, 11, 1))
    for region, papers in ((LAOSHAN, ["青岛认养表"]), (JINAN, []), (None, [])):
        assert [entry.name for entry in plan(event, catalogue(OF_QINGDAO).steps_of(event, region)).bring] == papers


# --- which of one name is meant --------------------------------------------------------------------------------------
def test_a_match_without_places_is_left_as_it_is() -> None:
    found = match("clarify", (LAMP, 0.5), (OTHER, 0.5))
    assert prefer(found, catalogue(LAMP, OTHER), JINAN) is found


@pytest.mark.parametrize(("region", "code"), [(LAOSHAN, "lamp-q"), (SHIZHONG, "lamp-j"), (JINAN, "lamp-j"), (LIXIA, "lamp-l")])
def test_of_one_name_the_nearest_is_answered_without_a_question(region: str, code: str) -> None:
    found = prefer(match("clarify", (OF_QINGDAO, 0.3333), (OF_JINAN, 0.3333), (OF_LIXIA, 0.3333)), catalogue(OF_QINGDAO, OF_JINAN, OF_LIXIA), region)
    assert (found.decision, found.choices, found.candidates[0].code, found.candidates[0].score >= 0.9) == ("answer", (), code, True)


def test_the_one_here_is_found_though_it_was_not_among_the_candidates() -> None:
    known = catalogue(OF_QINGDAO, OF_JINAN)
    assert [prefer(match(decision, (OF_QINGDAO, 0.95)), known, JINAN).candidates[0].code for decision in ("answer", "clarify")] == ["lamp-j"] * 2  # type: ignore[arg-type]


def test_with_no_region_known_one_name_in_two_places_is_asked_back() -> None:
    known = catalogue(OF_QINGDAO, OF_JINAN)
    found = prefer(match("answer", (OF_QINGDAO, 0.95)), known, None)
    assert (found.decision, set(found.choices)) == ("clarify", {"lamp-q", "lamp-j"})
    assert {one.code for one in found.candidates} == set(found.choices)
    alone = match("answer", (OF_QINGDAO, 0.95))
    assert prefer(alone, catalogue(OF_QINGDAO), None) == alone


def test_another_matter_that_is_near_keeps_the_question_back() -> None:
    known = catalogue(OF_QINGDAO, OF_JINAN, OTHER)
    found = prefer(match("clarify", (OF_QINGDAO, 0.3), (OF_JINAN, 0.3), (OTHER, 0.25)), known, JINAN)
    assert (found.decision, found.choices, found.candidates[0].score) == ("clarify", ("lamp-j", "bench"), 0.6)


def test_among_equals_what_holds_here_comes_first_and_nothing_is_lost() -> None:
    found = prefer(match("clarify", (OF_QINGDAO, 0.4), (OTHER, 0.4)), catalogue(OF_QINGDAO, OTHER), JINAN)
    assert ([one.code for one in found.candidates], found.choices, found.decision) == (["bench", "lamp-q"], ("bench", "lamp-q"), "clarify")


def test_an_item_of_another_place_alone_stays_the_answer_that_says_so() -> None:
    found = match("answer", (OF_QINGDAO, 0.95), (OTHER, 0.1))
    assert prefer(found, catalogue(OF_QINGDAO, OTHER), JINAN) == found
    assert at_home(catalogue(OF_QINGDAO), "lamp-q", JINAN) is None


def test_withdrawn_meanwhile_is_no_error() -> None:
    found = match("answer", (OF_QINGDAO, 0.95))
    assert prefer(found, catalogue(OTHER), JINAN) is found


def test_names_of_two_lists_asked_word_for_word() -> None:
    knowledge = assemble(catalogue(OF_QINGDAO, OF_JINAN, OTHER), {})
    found = knowledge.matcher.match("路灯认养居民要带什么")
    assert found.decision == "clarify"
    assert [prefer(found, knowledge.catalogue, region).candidates[0].code for region in (LAOSHAN, LIXIA)] == ["lamp-q", "lamp-j"]
    assert {prefer(found, knowledge.catalogue, region).decision for region in (LAOSHAN, LIXIA)} == {"answer"}


# --- as it is written ------------------------------------------------------------------------------------------------
def test_only_in_is_written_in_one_order_and_read_back() -> None:
    item = replace(LAMP, only_in=(JINAN, QINGDAO))
    document = write_item(item)
    assert document["only_in"] == [JINAN, QINGDAO] and "only_in" not in write_item(LAMP)
    assert read_item(document | {"only_in": [QINGDAO, JINAN, JINAN]})[0].only_in == (JINAN, QINGDAO)
    assert [change.title for change in difference(write_item(LAMP), document)] == ["只在哪里有"]


@pytest.mark.parametrize("wrong", ["济南", "3701", 370100])
def test_what_is_no_code_of_a_region_is_a_fault(wrong: object) -> None:
    with pytest.raises(KnowledgeFaulty, match="only_in"):
        read_item(write_item(LAMP) | {"only_in": [wrong]})


def test_regions_that_do_not_exist_and_variants_beside_the_item_are_faults() -> None:
    variant = replace(OF_QINGDAO, region=JINAN)
    faults = [fault.message for fault in cross_faults([(replace(OF_JINAN, only_in=("379900",)), ()), (OF_QINGDAO, (variant,))], [], [],
                                                      (region.code for region in REGIONS))]
    assert faults == ["'only_in' of 'lamp-j' names region '379900', which does not exist",
                      f"variant of 'lamp-q' for region '{JINAN}', where the item does not hold"]
