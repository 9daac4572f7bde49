from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.growth import growth
from tickets.load import AttemptLimits, CatalogueError, Term, load_catalogue, load_policy
from tickets.model import TicketType, Urgency
from tickets.request_type import request_type
from tickets.routing import Router, office
from zh.normalise import normalise

CATALOGUE = load_catalogue()
POLICY = load_policy()
ROUTER = Router(CATALOGUE, POLICY)


@pytest.mark.parametrize(("text", "category", "department"), [
    ("小区门口路灯坏了一个月没人修", "路灯不亮", "城市管理局"),
    ("小孩上学路上那个下水道口没盖子太吓人了", "井盖缺损", "城市管理局"),
    ("楼下烧烤店的油烟直往我家窗户里灌", "餐饮油烟", "城市管理局"),
    ("交了采暖费家里才十四度孩子都感冒了", "供暖", "住房和城乡建设局"),
    ("过年的工钱到现在老板还没给结", "拖欠工资", "人力资源和社会保障局"),
    ("老有人把电瓶车弄到楼道里充电怕着火", "电动车飞线充电", "消防救援支队"),
    ("橡胶厂冒黑烟呛得人喘不过气", "企业废气异味", "生态环境局"),
    ("我明明没闯红灯给我拍了个违章", "交通违法处罚异议", "公安局交通警察支队"),
    ("养老院的护工打我父亲", "养老服务", "民政局"),
    ("投到理财公司的二十万取不出来了", "非法集资", "地方金融管理局"),
    ("我们企业来投资说好的优惠政策到现在不兑现", "营商环境投诉", "发展和改革委员会"),
    ("政务大厅那个窗口的小姑娘态度太差了", "工作人员态度", "行政审批服务局"),
    ("我的快递显示签收了可我没收到", "快递", "邮政管理局"),
    ("面里面有虫子我要投诉", "食品安全", "市场监督管理局"),
    ("我们村的路啥时候修", "农村道路", "交通运输局"),
    ("我要举报我们村支书贪污低保款", "干部违纪", "纪律检查委员会"),
    ("小区里有人养鸡。更正：地点是燕山新居", "城区饲养家禽", "城市管理局"),
    ("县医院门口那排路灯全灭了晚上看病的人都看不见道", "路灯不亮", "城市管理局"),
], ids=lambda value: value[:12])
def test_a_request_finds_its_category_and_department(text: str, category: str, department: str) -> None:
    found = ROUTER.classify(text)
    assert (found.category, found.department) == (category, department)


@pytest.mark.parametrize(("department", "region", "said"), [
    ("区县12345热线受理中心", "济南市天桥区", "济南市天桥区12345热线受理中心"), ("区县12345热线受理中心", "济南市", "济南市12345热线受理中心"),
    ("区县12345热线受理中心", "", "区县12345热线受理中心"), ("城市管理局", "济南市历下区", "济南市历下区城市管理局"),
])
def test_a_department_is_named_with_its_region(department: str, region: str, said: str) -> None:
    assert office(department, region) == said


@pytest.mark.parametrize(("garbled", "category"), [("鲁灯坏了没人修", "路灯不亮"), ("老板脱欠工资不给", "拖欠工资"), ("拉圾没人清里", "垃圾清运")])
def test_homophones_of_a_recogniser_still_find_it(garbled: str, category: str) -> None:
    assert ROUTER.classify(garbled).category == category


@pytest.mark.parametrize("text", ["今天天气真好啊", "我家猫上树了下不来", "给我背首唐诗呗", "", "？？？", "a"])
def test_what_fits_nothing_goes_to_the_district_centre(text: str) -> None:
    found = ROUTER.classify(text)
    assert (found.category, found.department, found.score) == ("其他", "区县12345热线受理中心", 0.0)
    assert found.reasons[0] == "没有对上的类别，由区县热线受理中心首接负责"


@pytest.mark.parametrize(("text", "kind"), [
    ("我要投诉物业不作为", TicketType.COMPLAINT),
    ("俺想举报一个赌博的", TicketType.REPORT),
    ("我想实名检举村支书", TicketType.REPORT),
    ("我想提个建议，公园里加几个垃圾桶", TicketType.SUGGESTION),
    ("想表扬一下窗口的小王", TicketType.PRAISE),
    ("我想咨询一下怎么投诉物业", TicketType.CONSULTATION),
    ("多亏了社区网格员，太感谢了，送面锦旗", TicketType.PRAISE),
    ("小区门口路灯坏了没人修", TicketType.HELP),
    ("物业乱收费还骂人", TicketType.COMPLAINT),
    ("有人聚众赌博", TicketType.REPORT),
    ("公交站能不能增加一趟车", TicketType.SUGGESTION),
    ("请问高龄津贴需要什么材料", TicketType.CONSULTATION),
])
def test_the_type_follows_the_callers_words(text: str, kind: TicketType) -> None:
    verdict = request_type(normalise(text))
    assert verdict is not None
    assert verdict.type is kind


def test_without_words_for_a_type_the_category_decides() -> None:
    assert request_type("棋牌室天天打麻将赌钱") is None
    assert ROUTER.classify("棋牌室天天打麻将赌钱").type is TicketType.REPORT


def test_a_type_that_the_caller_chose_stays() -> None:
    assert ROUTER.classify("我要投诉物业", type=TicketType.SUGGESTION).type is TicketType.SUGGESTION


@pytest.mark.parametrize(("text", "urgency"), [
    ("小区门口路灯坏了", Urgency.GENERAL), ("家里停水两天了", Urgency.URGENT), ("井盖丢了", Urgency.URGENT),
    ("电线断了掉在路上", Urgency.CRITICAL), ("井盖没了刚才有人掉下去了", Urgency.CRITICAL), ("老房子快塌了", Urgency.CRITICAL),
    ("电梯困人了", Urgency.CRITICAL), ("我想建议多种点花", Urgency.GENERAL),
])
def test_danger_raises_the_urgency(text: str, urgency: Urgency) -> None:
    assert ROUTER.classify(text).urgency is urgency


def test_the_reasons_name_the_words_that_decided() -> None:
    assert ROUTER.classify("我要投诉，家里停水两天了").reasons == ("停水与水压：停水", "投诉：我要投诉", "紧急：停水")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_classified(text: str) -> None:
    found = ROUTER.classify(text)
    assert found.category == "其他" or ROUTER.category(found.category) is not None


def test_the_work_grows_with_the_text_and_not_with_its_square() -> None:
    text = "".join(say for leaf in CATALOGUE for say in leaf.says * 2)[:5000]
    assert len(text) == 5000
    assert growth(ROUTER.classify, text[:1250], text) < 10  # four times the text: a square would be sixteen times the work


def test_the_catalogue_names_who_answers_for_at_least_180_matters() -> None:
    assert len(CATALOGUE) >= 180
    assert all(2 <= len(leaf.path) <= 3 for leaf in CATALOGUE)
    assert all(leaf.department[-1] in "局队司会心" for leaf in CATALOGUE)


@pytest.mark.parametrize("leaf", CATALOGUE, ids=lambda leaf: leaf.name)
def test_every_category_is_found_by_each_of_its_own_descriptions(leaf) -> None:  # type: ignore[no-untyped-def]
    missed = [say for say in leaf.says if ROUTER.classify(say).category != leaf.name and leaf.name not in ROUTER.classify(say).rivals]
    assert missed == []


def test_no_description_stands_in_two_categories() -> None:
    says = [say for leaf in CATALOGUE for say in (*leaf.says, *leaf.words)]
    assert len(says) == len(set(says))


@pytest.mark.parametrize(("content", "told"), [
    ("甲: {乙: {丙: {department: 某局, says: [一], unknown: 1}}}", "甲/乙/丙: unknown key unknown"),
    ("甲: {乙: {丙: {department: 某局}}}", "甲/乙/丙: says is missing"),
    ("甲: {乙: {丙: {department: 某局, says: [一]}}, 丁: {丙: {department: 某局, says: [二]}}}", "named twice: 丙"),
    ("甲: {乙: {丙: {department: 某局, says: [一], type: 吵架}}}", "甲/乙/丙: '吵架' is not a valid TicketType"),
    ("甲: {乙: {department: 某局, says: [一]}}", "甲/乙: stands in level 2"),
    ("甲: {乙: {丙: {丁: {department: 某局, says: [一]}}}}", "甲/乙/丙/丁: stands in level 4"),
    ("[]", "no entries"),
])
def test_a_faulty_catalogue_is_refused_by_name(tmp_path, content: str, told: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "catalogue.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        load_catalogue(path)


def test_the_province_gives_five_working_days() -> None:
    assert POLICY.term(TicketType.COMPLAINT, Urgency.GENERAL) == Term(working_days=5)
    assert POLICY.term(TicketType.HELP, Urgency.CRITICAL) == Term(hours=24)
    assert POLICY.attempts == AttemptLimits(600, 5, 20)


def test_a_type_may_have_a_term_of_its_own() -> None:
    own = replace(POLICY, terms_by_type={TicketType.CONSULTATION: {Urgency.GENERAL: Term(working_days=3)}})
    assert own.term(TicketType.CONSULTATION, Urgency.GENERAL) == Term(working_days=3)
    assert own.term(TicketType.CONSULTATION, Urgency.URGENT) == POLICY.terms[Urgency.URGENT]


@pytest.mark.parametrize("term", [{}, {"hours": 2, "working_days": 1}, {"hours": 0}])
def test_a_term_is_either_days_or_hours(term: dict[str, int]) -> None:
    with pytest.raises(CatalogueError):
        Term(**term)
