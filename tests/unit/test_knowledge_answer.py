"""Answers: what is known is said with its condition, what is not is said to be unknown with the number to ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from api.phrases import Phrases
from core.settings import ROOT
from knowledge.answer import ASKS_PERSON, OUR_SERVICE, CatalogueAnswerer
from knowledge.bootstrap import build
from knowledge.catalogue import CatalogueData
from knowledge.errors import Fault, UnknownItem
from knowledge.load import Department, load_sites
from knowledge.model import FACETS, Facet, Fee, Item, Limit, Material, Online, Policy, Question, Reply, Result
from knowledge.wording import FACET_NAMES

PHRASES = Phrases.load(ROOT / "bot" / "domain")
CHANNELS = ("web", "ivr")
BARE = Item("lamp", "路灯登记", "试验", "公共服务", "登记", ("个人",), "城管", ("登记路灯",), (), date(2026, 11, 1))
FULL = replace(
    BARE, summary="带身份证就能登记", conditions="家里有灯。",
    materials=(Material("身份证", "原件", 2, "公安机关"), Material("照片", source="自备"), Material("委托书", required=False, note="代办要带")),
    not_required=("户口簿", "复印件"), process=("登记。", "领牌"), legal_limit=Limit(20, "工作日", "自受理之日起。"), promised_limit=Limit(3, "工作日", "材料齐的"),
    fee=Fee(True, "每盏5元", note="由用户交。"), location="城管窗口。", reach="全市通办", hours="周一到周五。", phone="12319", online=Online(True, "爱山东", "要刷脸。"),
    visits=1, result=Result("路灯牌", "三年"), basis=("《路灯办法》", "《灯杆办法》"), questions=(Question("路灯要上锁吗", "不用上锁"),))
CITY = replace(FULL, region="370100", location="泉城路窗口", phone="0531-12345678")
POLICY = Policy("lamps", "路灯归谁管", "试验", ("谁管路灯",), "归城管", "试验文件", "2018-05", date(2026, 11, 1))
OURS = replace(POLICY, code="ours", document=OUR_SERVICE, stated_on="2026")


def answerer(item: Item) -> CatalogueAnswerer:
    policies = {policy.code: policy for policy in (POLICY, OURS, replace(POLICY, code="year", stated_on="2018"))}
    return CatalogueAnswerer(CatalogueData({"lamp": item}, {("lamp", "370100"): CITY}, policies), {"城管": Department("城管", "城市管理局", "12345")})


def render(reply: Reply, channel: str = "web") -> str:
    return PHRASES.render(reply.response, channel, **reply.values)


def said(item: Item, facet: Facet | None, channel: str = "web", asked: str | None = None) -> str:
    return render(answerer(item).about("lamp", facet, None, asked), channel)


# --- one item, facet by facet ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("facet", "response", "told"), [
    (None, "utter_item_summary", "带身份证就能登记。您想先听要带什么、多久办好，还是去哪儿办？"),
    ("materials", "utter_item_materials", "办路灯登记，要带：身份证（原件2份）、照片。有的情况还要委托书。户口簿、复印件不用带了。"),
    ("process", "utter_item_process", "办路灯登记这样走：先登记，再领牌。"),
    ("time_limit", "utter_item_both_limits", "路灯登记，法定时限是20个工作日，自受理之日起，省里承诺3个工作日，材料齐的。"),
    ("fee", "utter_item_fee", "路灯登记的收费是：每盏5元；由用户交。"),
    ("location", "utter_item_location", "路灯登记的办理地点是：城管窗口，全市通办。"),
    ("hours", "utter_item_hours", "路灯登记的办公时间是：周一到周五。"),
    ("phone", "utter_item_phone", "路灯登记的事，可以打12319问。"),
    ("conditions", "utter_item_conditions", "办路灯登记的条件是：家里有灯。"),
    ("online", "utter_item_online", "路灯登记可以网上办，走爱山东。要刷脸。"),
    ("visits", "utter_item_visits", "办路灯登记，跑1趟就行。"),
    ("basis", "utter_item_basis", "办路灯登记的依据是《路灯办法》、《灯杆办法》。"),
    ("result", "utter_item_result", "路灯登记办好后的结果是：路灯牌，有效期三年。"),
])
def test_a_known_facet_is_told_in_a_sentence(facet: Facet | None, response: str, told: str) -> None:
    reply = answerer(FULL).about("lamp", facet)
    assert (reply.response, render(reply)) == (response, told)


def test_where_no_rule_sets_a_number_of_days_what_governs_the_time_is_told() -> None:
    item = replace(BARE, no_limit="按当年公告的时间办。")
    assert render(answerer(item).about("lamp", "time_limit")) == "路灯登记没有统一规定的办理天数，按当年公告的时间办。"
    rows = {row["title"]: row["lines"] for row in answerer(item).about("lamp", None).card["rows"]}
    assert rows["多久办好"] == ["没有统一规定的天数，按当年公告的时间办"]


def test_a_matter_settled_at_once_is_told_with_its_condition() -> None:
    at_once = replace(BARE, legal_limit=Limit(0, note="考试合格的当日"))
    assert render(answerer(at_once).about("lamp", "time_limit")) == "路灯登记，材料齐了当场就能办好。考试合格的当日。"


@pytest.mark.parametrize("facet", [facet for facet in FACETS if facet != "phone"])
def test_an_unknown_facet_is_said_to_be_unknown_with_the_number_to_ask(facet: Facet) -> None:
    reply = answerer(replace(BARE, phone="12319")).about("lamp", facet)
    assert (reply.response, reply.values["facet"], reply.values["phone"]) == ("utter_facet_unknown", FACET_NAMES[facet], "12319")
    for channel in CHANNELS:
        assert FACET_NAMES[facet] in render(reply, channel)
        assert "请打12319" in render(reply, channel) or "您打12319" in render(reply, channel)


@pytest.mark.parametrize("facet", [facet for facet in FACETS if facet != "phone"])
def test_who_is_on_the_line_already_is_offered_a_person_or_a_ticket_and_not_told_to_call_it(facet: Facet) -> None:
    reply = answerer(BARE).about("lamp", facet)
    assert reply.response == "utter_facet_unknown_here"
    assert render(reply) == f"路灯登记的{FACET_NAMES[facet]}，我这里没有准确信息，不敢跟您乱说。我给您转人工，或者记下来让城市管理局答复您，您选哪样？"
    assert render(reply, "ivr") == f"路灯登记的{FACET_NAMES[facet]}我没有准确信息。您可以说转人工，或者登记工单。"


def test_an_item_without_a_number_of_its_own_gives_that_of_its_department() -> None:
    departments = {"城管": Department("城管", "城市管理局", "12319")}
    reply = CatalogueAnswerer(CatalogueData({"lamp": BARE}, {}, {}), departments).about("lamp", "phone")
    assert render(reply) == "路灯登记的事，可以打12319问。"
    assert answerer(replace(BARE, phone="88886666")).about("lamp", "fee").values["phone"] == "88886666"


def test_where_the_number_to_ask_is_this_line_the_department_is_named_instead() -> None:
    assert answerer(BARE).about("lamp", "phone").response == "utter_item_phone_here"
    assert said(BARE, "phone") == "路灯登记归城市管理局管，问12345就行，您正打着呢。要我给您转人工，还是记下来让他们答复您？"
    assert said(BARE, "phone", "ivr") == "路灯登记归城市管理局管。您可以说转人工，或者登记工单。"


@pytest.mark.parametrize("name", ["高龄津贴", "育儿补贴", "失业保险金", "最低生活保障", "临时救助"])
def test_how_much_of_an_allowance_is_not_its_fee(name: str) -> None:
    reply = answerer(replace(BARE, name=name, fee=Fee(False, note="全程免费"))).about("lamp", "fee")
    assert reply.response == "utter_item_pays"
    assert render(reply) == f"{name}不收费。能领多少钱，我这里没有准确数，不敢乱说。要我给您转人工，还是记下来让城市管理局答复您？"
    assert render(reply, "ivr") == f"{name}不收费，能领多少我没有准确数。可以说转人工，或者登记工单。"


def test_a_fee_that_is_charged_is_told_even_of_an_allowance() -> None:
    assert said(replace(BARE, name="高龄津贴", fee=Fee(True, "每证5元")), "fee") == "高龄津贴的收费是：每证5元。"


@pytest.mark.parametrize(("change", "facet", "offers"), [
    ({}, "fee", True), ({}, "phone", True), ({"name": "高龄津贴", "fee": Fee(False)}, "fee", True), ({"phone": "12319"}, "fee", True), ({"phone": "12319"}, "phone", False),
    ({"fee": Fee(False)}, "fee", False), ({}, None, False),
], ids=["unknown, this line", "the number is this line", "an allowance", "unknown, another number", "another number", "free", "the item named"])
def test_the_replies_that_offer_a_person_are_those_whose_words_do(change: dict[str, object], facet: Facet | None, offers: bool) -> None:
    reply = answerer(replace(BARE, **change)).about("lamp", facet)  # type: ignore[arg-type]  # fields of an item
    assert (reply.response in ASKS_PERSON, "转人工" in render(reply), "转人工" in render(reply, "ivr")) == (offers,) * 3


def test_an_item_of_which_nothing_is_told_is_named() -> None:
    assert said(BARE, None).startswith("您说的是路灯登记。")


@pytest.mark.parametrize(("change", "facet", "told"), [
    ({"fee": Fee(False)}, "fee", "路灯登记不收费。"),
    ({"fee": Fee(False, note="灯泡自己买")}, "fee", "路灯登记不收费。灯泡自己买。"),
    ({"legal_limit": Limit(15, "自然日")}, "time_limit", "路灯登记，法定时限是15天。"),
    ({"legal_limit": Limit(24, "小时")}, "time_limit", "路灯登记，法定时限是24小时。"),
    ({"legal_limit": Limit(2, "个月", "要公告的")}, "time_limit", "路灯登记，法定时限是2个月，要公告的。"),
    ({"legal_limit": Limit(0)}, "time_limit", "路灯登记，材料齐了当场就能办好。"),
    ({"promised_limit": Limit(3, "工作日", "材料齐的")}, "time_limit", "路灯登记，省里承诺的时限是3个工作日，材料齐的。"),
    ({"legal_limit": Limit(7), "promised_limit": Limit(0)}, "time_limit", "路灯登记，法定时限是7个工作日，省里承诺当场办结。"),
    ({"online": Online(True)}, "online", "路灯登记可以网上办。"),
    ({"online": Online(False, note="要本人到场")}, "online", "路灯登记现在不能全程网上办，要到现场。要本人到场。"),
    ({"visits": 0}, "visits", "办路灯登记可以一趟都不跑，网上就能办完。"),
    ({"location": "城管窗口"}, "location", "路灯登记的办理地点是：城管窗口。"),
    ({"result": Result("路灯牌")}, "result", "路灯登记办好后的结果是：路灯牌。"),
    ({"materials": (Material("委托书", required=False),)}, "materials", "办路灯登记，一般不用另带材料。有的情况还要委托书。"),
    ({"materials": (Material("身份证", copies=1),)}, "materials", "办路灯登记，要带：身份证。"),
    ({"summary": "拿着身份证来吧！"}, None, "拿着身份证来吧！您想先听要带什么、多久办好，还是去哪儿办？"),
], ids=["free", "free with a note", "days", "hours", "months with a note", "at once", "promised alone", "promised at once", "online without a way",
        "not online", "no visit", "no reach", "no validity", "only sometimes", "one copy", "its own mark at the end"])
def test_a_fact_is_told_with_its_condition_and_one_mark(change: dict[str, object], facet: Facet | None, told: str) -> None:
    assert said(replace(BARE, **change), facet) == told  # type: ignore[arg-type]  # fields of an item


def test_a_fee_without_an_amount_is_not_told_as_a_fee() -> None:
    reply = answerer(replace(BARE, fee=Fee(True, note="各地不同"))).about("lamp", "fee")
    assert reply.response == "utter_facet_unknown_here"


def test_the_region_tells_what_holds_there() -> None:
    there, elsewhere = (answerer(FULL).about("lamp", "location", region) for region in ("370102", "370202"))
    assert (there.values["location"], there.values["phone"]) == ("泉城路窗口", "0531-12345678")
    assert (elsewhere.values["location"], elsewhere.values["phone"]) == ("城管窗口", "12319")


def test_a_question_of_the_item_is_answered_by_its_answer_unless_a_known_facet_is_asked() -> None:
    assert said(FULL, None, asked="路灯要上锁吗") == "不用上锁。"
    assert said(replace(FULL, fee=None), "fee", asked="路灯要上锁吗") == "不用上锁。"
    assert said(FULL, "fee", asked="路灯要上锁吗") == said(FULL, "fee", asked="登记路灯") == "路灯登记的收费是：每盏5元；由用户交。"
    told = replace(FULL, questions=(Question("路灯要多少钱", "国产的五元"),))
    assert said(told, "fee", asked="路灯要多少钱") == "国产的五元。", "the question asks for that very facet"


@pytest.mark.parametrize(("code", "channel", "told"), [
    ("lamps", "web", "归城管。这是2018年5月试验文件里的说法。"), ("lamps", "ivr", "归城管。这是2018年5月的说法。"),
    ("year", "web", "归城管。这是2018年试验文件里的说法。"), ("ours", "web", "归城管。"),
], ids=["month", "on the phone", "year alone", "our own service"])
def test_a_policy_is_told_with_its_date(code: str, channel: str, told: str) -> None:
    assert render(answerer(BARE).about(code, "fee"), channel) == told


def test_an_unknown_code_is_refused() -> None:
    for ask in (lambda: answerer(BARE).about("nothing", None), lambda: answerer(BARE).name_of("nothing"), lambda: answerer(BARE).names_of("nothing")):
        with pytest.raises(UnknownItem):
            ask()


def test_items_and_policies_have_official_names() -> None:
    assert (answerer(BARE).name_of("lamp"), answerer(BARE).name_of("lamps")) == ("路灯登记", "路灯归谁管")


def test_every_way_to_say_an_item_or_policy_begins_with_its_official_name() -> None:
    assert (answerer(BARE).names_of("lamp"), answerer(BARE).names_of("lamps")) == (("路灯登记", "登记路灯"), ("路灯归谁管", "谁管路灯"))


def test_the_card_shows_every_known_field_and_no_other() -> None:
    card = answerer(FULL).about("lamp", None).card
    assert card == {
        "kind": "item", "code": "lamp", "name": "路灯登记", "as_of": "2026-11-01", "basis": ["《路灯办法》", "《灯杆办法》"],
        "rows": [
            {"key": "conditions", "title": "办理条件", "lines": ["家里有灯。"]},
            {"key": "materials", "title": "要带的材料", "lines": ["身份证（原件2份）：由公安机关出具", "照片", "委托书：部分情况需要；代办要带"]},
            {"key": "not_required", "title": "不用再带", "lines": ["户口簿", "复印件"]},
            {"key": "steps", "title": "怎么办", "lines": ["登记。", "领牌"]},
            {"key": "limit", "title": "多久办好", "lines": ["法定20个工作日（自受理之日起）", "承诺3个工作日（材料齐的）"]},
            {"key": "fee", "title": "收费", "lines": ["每盏5元；由用户交。"]},
            {"key": "place", "title": "到哪儿办", "lines": ["城管窗口。", "全市通办"]},
            {"key": "hours", "title": "办公时间", "lines": ["周一到周五。"]},
            {"key": "online", "title": "网上办", "lines": ["可以，爱山东；要刷脸。"]},
            {"key": "visits", "title": "跑几趟", "lines": ["跑1趟"]},
            {"key": "result", "title": "办完拿到", "lines": ["路灯牌，有效期三年"]},
            {"key": "phone", "title": "咨询电话", "lines": ["12319"]},
        ]}
    bare = answerer(BARE).about("lamp", None).card
    assert bare is not None
    assert bare["rows"] == [{"key": "phone", "title": "咨询电话", "lines": ["12345"]}]


def test_the_card_of_a_policy_names_document_and_date() -> None:
    assert answerer(BARE).about("lamps", None).card == {
        "kind": "policy", "code": "lamps", "name": "路灯归谁管", "as_of": "2026-11-01", "basis": ["试验文件（2018年5月）"],
        "rows": [{"key": "answer", "title": "说明", "lines": ["归城管"]}]}


# --- everything that is shipped --------------------------------------------------------------------------------------
KNOWN = build()
_BROKEN = re.compile(r"[{}]|None|[，。；：、？！,]{2,}|（）|\s\s")


def shipped_replies() -> list[tuple[str, Reply]]:
    """Every reply that the shipped knowledge can give: item × region of a variant × facet or question, and every policy."""
    found: list[tuple[str, Reply]] = []
    regions: dict[str, list[str | None]] = {code: [None] for code in KNOWN.catalogue.by_code}
    for code, region in KNOWN.catalogue.variants:
        regions[code].append(region)
    for code, places in regions.items():
        for region in places:
            asked: list[str | None] = [question.ask for question in KNOWN.catalogue.item(code, region).questions]
            found += [(f"{code} {facet} {region}", KNOWN.answerer.about(code, facet, region)) for facet in (None, *FACETS)]
            found += [(f"{code} {ask} {region}", KNOWN.answerer.about(code, None, region, ask)) for ask in asked]
    return found + [(code, KNOWN.answerer.about(code, None)) for code in KNOWN.catalogue.policy_by_code]


def test_every_shipped_answer_is_a_clean_sentence_on_both_channels() -> None:
    replies = shipped_replies()
    assert len(replies) > 13 * len(KNOWN.catalogue.by_code)
    broken = [f"{about} {channel}: {text}" for about, reply in replies for channel in CHANNELS
              for text in [render(reply, channel)] if _BROKEN.search(text) or text[-1] not in "。？！"]
    assert broken == []


def test_no_answer_is_prepared_that_nobody_can_hear() -> None:
    made_up = [answerer(item).about("lamp", facet, None, asked) for facet in (None, *FACETS) for asked in (None, "路灯要上锁吗")
               for item in (BARE, FULL, *(replace(BARE, **change) for change in (
                   {"legal_limit": Limit(0)}, {"legal_limit": Limit(1)}, {"promised_limit": Limit(1)}, {"fee": Fee(False)}, {"visits": 0},
                   {"online": Online(False)}, {"phone": "12319"}, {"name": "高龄津贴", "fee": Fee(False)}, {"materials": (Material("委托书", required=False),)},
                   {"no_limit": "按公告办"})))]
    made_up += [answerer(BARE).about(code, None) for code in ("lamps", "ours")]
    made_up.append(answerer(replace(BARE, only_in=("370200",))).about("lamp", None, "370600"))
    said_at_all = {reply.response for reply in made_up}
    prepared = {name for name in PHRASES.variants if name.startswith(("utter_item_", "utter_policy", "utter_facet_"))}
    assert said_at_all == prepared


# --- where an online channel is -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("online", "url"), [
    (Online(True, "山东政务服务网或者爱山东APP"), "http://zwfw.example/"), (Online(True, "爱山东APP"), None), (Online(False, "山东政务服务网"), None),
    (Online(True), None), (None, None)], ids=["a site is named", "an app is no site", "not online", "no channel", "unknown"])
def test_the_online_row_of_a_card_leads_to_the_site_that_the_channel_names(online: Online | None, url: str | None) -> None:
    item = replace(BARE, online=online)
    card = CatalogueAnswerer(CatalogueData({"lamp": item}, {}, {}), {}, sites={"山东政务服务网": "http://zwfw.example/"}).about("lamp", None).card
    assert card is not None
    assert next((row.get("url") for row in card["rows"] if row["key"] == "online"), None) == url  # type: ignore[attr-defined]


def test_every_site_is_the_channel_of_an_item() -> None:
    faults: list[Fault] = []
    channels = [item.online.channel for item in build().catalogue.items() if item.online and item.online.channel]
    sites = load_sites(ROOT / "knowledge" / "sites.yml", faults)
    assert faults == [] and [name for name in sites if not any(name in channel for channel in channels)] == []
