"""Regions: the list is whole and consistent, and a name is found where a caller means it and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bootstrap import load_regions
from core.regions import Region, RegionTree
from zh.normalise import normalise

TREE = load_regions()
PROVINCE = Region("370000", "山东省", "山东", "province", None)
CITY = Region("370100", "济南市", "济南", "city", "370000")


def found(text: str, within: str | None = None) -> str | None:
    region = TREE.find(normalise(text), within)
    return region.code if region else None


def test_the_province_has_sixteen_cities_and_136_counties() -> None:
    assert (len(TREE.cities()), len(TREE.counties()), len(list(TREE))) == (16, 136, 153)


def test_each_city_has_its_number_of_counties() -> None:
    counts = {city.short: len(TREE.children(city.code)) for city in TREE.cities()}
    assert counts == {
        "济南": 12, "青岛": 10, "淄博": 8, "枣庄": 6, "东营": 5, "烟台": 11, "潍坊": 12, "济宁": 11, "泰安": 6, "威海": 4,
        "日照": 4, "临沂": 12, "德州": 11, "聊城": 8, "滨州": 7, "菏泽": 9,
    }  # fmt: skip


def test_every_parent_exists_and_codes_begin_as_their_parents_do() -> None:
    for region in TREE:
        if region.parent is None:
            assert region == PROVINCE
            continue
        parent = TREE.get(region.parent)
        assert parent is not None
        assert parent.level == {"city": "province", "county": "city"}[region.level]
        assert region.code.startswith(parent.code.rstrip("0") if parent.level == "province" else parent.code[:4])


def test_a_full_name_ends_in_its_rank_and_holds_its_short_name() -> None:
    for region in TREE:
        assert region.name[-1] in {"province": "省", "city": "市", "county": "市区县"}[region.level]
        assert region.name.startswith(region.short)


def test_only_the_two_districts_called_shizhong_share_a_name() -> None:
    names = [(name, r.code) for r in TREE for name in {r.name, r.short, *r.aliases}]
    shared = {name for name, code in names if any(name == other and code != another for other, another in names)}
    assert shared == {"市中区", "市中"}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("370000", "山东省"), ("370100", "济南市"), ("370102", "济南市历下区"), ("370103", "济南市市中区"), ("370114", "济南市章丘区"),
        ("370115", "济南市济阳区"), ("370116", "济南市莱芜区"), ("370117", "济南市钢城区"), ("370215", "青岛市即墨区"),
        ("370402", "枣庄市市中区"), ("370505", "东营市垦利区"), ("370614", "烟台市蓬莱区"), ("370683", "烟台市莱州市"),
        ("370812", "济宁市兖州区"), ("371403", "德州市陵城区"), ("371503", "聊城市茌平区"), ("371603", "滨州市沾化区"),
        ("371681", "滨州市邹平市"), ("371703", "菏泽市定陶区"),
    ],
)  # fmt: skip
def test_a_region_is_spoken_with_its_city(code: str, path: str) -> None:
    assert TREE.path_name(code) == path


def test_ancestors_come_nearest_first() -> None:
    assert [region.code for region in TREE.ancestors("370102")] == ["370100", "370000"]
    assert TREE.ancestors("370000") == ()


def test_an_unknown_code_is_none_for_get_and_an_error_elsewhere() -> None:
    assert TREE.get("379999") is None
    for ask in (TREE.ancestors, TREE.children, TREE.path_name):
        with pytest.raises(KeyError):
            ask("379999")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我想在济南办身份证", "370100"),
        ("山东的医保能在外省用吗", "370000"),
        ("历下区公安局在哪", "370102"),
        ("我是历下的", "370102"),
        ("济南市历下区解放路派出所", "370102"),
        ("济南的章丘能办吗", "370114"),
        ("章丘市以前的户口本", "370114"),
        ("济南市中区", "370103"),
        ("济南市市中区", "370103"),
        ("枣庄市中", "370402"),
        ("枣庄市市中区的公积金", "370402"),
        ("青岛市南区", "370202"),
        ("青岛市北的房子", "370203"),
        ("青岛开发区的社保", "370211"),
        ("西海岸新区", "370211"),
        ("莱芜钢城的户口", "370117"),
        ("莱芜区怎么办", "370116"),
        ("济南市长清办暂住证", "370113"),
        ("聊城东阿的驾照", "371524"),
        ("长岛的船票补贴", "370614"),
        ("苍山县改名了户口本要换吗", "371324"),
        ("滨州惠民办低保", "371621"),
        ("我住在河口", "370503"),
        ("我是平原的", "371426"),
        ("泰山区政务大厅", "370902"),
        ("东营区域内迁户口", "370500"),
        ("日照不动产登记", "371100"),
        ("户口在历下区,人在济南", "370102"),
        ("不是历下,是章丘的", "370114"),
        ("是不是历下区的才能办", "370102"),
        ("你们济南历下那边路口怎么堵成这样", "370102"),
    ],
)
def test_the_most_specific_region_named_is_found(text: str, code: str) -> None:
    assert found(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "城市中心的房子怎么过户", "天桥电梯坏了", "惠民政策有哪些", "牡丹花展的票", "病历下载", "学历下来了吗", "房东明天不退押金", "股东平均分",
        "楼挡了日照", "新楼影响日照时间", "今天日照常上班", "家长清楚怎么办", "校长清理门口小摊", "免费县里的体检", "简单县城", "福利津贴怎么领",
        "中文登记表", "经济阳光小区", "房东阿姨说的", "东营业执照", "海滨城市", "面临清退", "基金乡镇", "责任城管", "光荣成为党员",
        "烟台路12号", "威海路的路灯", "泰安大街", "山东路", "济阳街", "钓鱼台", "张店主不退钱", "", "我要办身份证", "不在历下区",
    ],
)  # fmt: skip
def test_words_that_only_look_like_a_region_name_none(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("济南市中考报名", "370100"), ("济南市中心", "370100"), ("青岛市南京路", "370200"), ("济南市中医院挂号", "370100"), ("济南路灯坏了", "370100")],
)
def test_a_citys_name_does_not_run_into_the_next_word(text: str, code: str) -> None:
    assert found(text) == code


@pytest.mark.parametrize(
    ("within", "code"),
    [("1", None), ("370100", "370103"), ("370102", "370103"), ("370400", "370402"),
     ("370481", "370402"), ("370200", None), ("370000", None), (None, None)],
)  # fmt: skip
def test_a_shared_name_goes_by_the_conversations_city(within: str | None, code: str | None) -> None:
    assert found("市中区", within) == code
    assert found("我是市中的", within) == code


def test_the_city_in_the_text_weighs_more_than_the_conversations() -> None:
    assert found("枣庄的市中区", "370100") == "370402"


def test_the_hotlines_own_city_settles_a_shared_name_last() -> None:
    tree = load_regions(home="370400")
    own, other = tree.find("市中区"), tree.find("市中区", "370100")
    assert (own and own.code, other and other.code) == ("370402", "370103")


def test_a_conversations_city_does_not_hide_another_that_is_named() -> None:
    assert found("我在青岛", "370100") == "370200"


def test_every_full_and_short_name_finds_its_region_in_its_city() -> None:
    for region in TREE.counties():
        assert region.parent is not None
        assert found(region.name, region.parent) == region.code
        assert found(f"我是{region.short}的", region.parent) == region.code
        for alias in region.aliases:
            assert found(alias) == region.code


def test_regions_that_do_not_make_a_tree_are_refused() -> None:
    with pytest.raises(ValueError, match="region without its parent: 370100"):
        RegionTree([CITY])
    with pytest.raises(ValueError, match="region given twice: 370000"):
        RegionTree([PROVINCE, PROVINCE])
    with pytest.raises(ValueError, match="unknown home region: 370200"):
        RegionTree([PROVINCE, CITY], home="370200")


def test_names_for_the_extractor_leave_everyday_words_out() -> None:
    names = set(TREE.names())
    assert {"历下区", "历下", "济南市中区", "枣庄市中区", "西海岸新区"} <= names
    assert names.isdisjoint({"天桥", "惠民", "牡丹", "市中", "学历"})
    assert "学历" in TREE.other_words()


@given(st.text(alphabet="济南市中区历下城东营不是在的,。路街天桥1 a", max_size=60))
def test_no_text_is_too_strange_to_search(text: str) -> None:
    region = TREE.find(text)
    assert region is None or TREE.get(region.code) is region
