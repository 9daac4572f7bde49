import pytest

from tickets.load import load_catalogue, load_policy
from tickets.model import TicketType
from tickets.routing import Learned, Router
from tickets.suggestions import FEWEST, MOST, suggestions

POLICY = load_policy()
ROUTER = Router(load_catalogue(), POLICY)
NOISE = "楼下饭店的排风机一天到晚嗡嗡响，炒菜的油烟还往家里灌"


@pytest.mark.parametrize("text", [NOISE, "路灯坏了", "厂子半夜往河里放脏水"])
def test_three_to_five_are_suggested_the_best_first(text: str) -> None:
    found = suggestions(text, "370102", ROUTER)
    assert FEWEST <= len(found) <= MOST
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert found[0].category == ROUTER.classify(text).category
    assert len({one.category for one in found}) == len(found)


@pytest.mark.parametrize("text", ["", "？？？", "zzz"])
def test_nothing_is_suggested_for_words_that_no_category_shares(text: str) -> None:
    assert suggestions(text, "370102", ROUTER) == ()


@pytest.mark.parametrize(("region", "department"), [("370100", "教育局"), ("370102", "教育和体育局"), (None, "教育局")])
def test_the_office_is_the_one_of_the_regions_own_level(region: str | None, department: str) -> None:
    best = suggestions("老师打学生体罚孩子", region, ROUTER)[0]
    assert (best.category, best.department, best.office_region) == ("教师行为", department, region)


def test_the_reasons_name_the_callers_words_and_the_basis() -> None:
    best = suggestions("暖气不热，给热力公司打电话也没人接", "370102", ROUTER)[0]
    assert best.reasons == ("说到了“暖气”", "依据：山东省供热条例")
    assert suggestions("屋里冰凉老人冻得受不了", None, ROUTER)[0].reasons[0] == "和“屋里冰凉老人冻得受不了”说的像"


def test_a_town_that_takes_it_on_is_named() -> None:
    assert "具体办理可以再派街道办事处或乡镇政府" in suggestions("想吃低保不给办", "370102", ROUTER)[0].reasons


def test_an_office_that_differs_in_one_city_holds_for_its_districts_and_nowhere_else() -> None:
    router = Router(load_catalogue(), POLICY, Learned(offices={("路灯不亮", "370100"): "住房和城乡建设局"}))
    offices = {region: suggestions("路灯坏了", region, router)[0].department for region in ("370100", "370102", "370200", "370202")}
    assert offices == {"370100": "住房和城乡建设局", "370102": "住房和城乡建设局", "370200": "城市管理局", "370202": "城市管理局"}
    assert "本地由住房和城乡建设局办理" in suggestions("路灯坏了", "370102", router)[0].reasons


def test_a_learnt_description_decides_and_can_be_unlearnt() -> None:
    router, text = Router(load_catalogue(), POLICY), "小区门口那个大铁盒子整天嗡嗡叫"
    before = router.classify(text).category
    router.learn(Learned({"电力设施": ("小区门口那个大铁盒子整天嗡嗡叫",)}))
    assert before != "电力设施" and router.classify(text).category == "电力设施"
    router.learn(Learned())
    assert router.classify(text).category == before


def test_what_is_told_along_with_a_matter_does_not_decide() -> None:
    told = "您好，我姓李，今年六十多了，找了好几个部门都没人管，实在没办法了才打这个电话。楼下烧烤店的油烟直往我家窗户里灌。" \
           "希望有关部门尽快核实处理，给我一个答复，谢谢你们的工作。"
    assert ROUTER.classify(told).category == "餐饮油烟"
    assert ROUTER.classify(told, type=TicketType.COMPLAINT).type is TicketType.COMPLAINT
