"""Life events: what follows from the steps and their items, and the sentences that tell it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from api.phrases import Phrases
from core.settings import ROOT
from knowledge.answer import CatalogueAnswerer
from knowledge.bootstrap import build
from knowledge.catalogue import CatalogueData, cross_faults
from knowledge.errors import KnowledgeFaulty
from knowledge.event_document import read_event, write_event
from knowledge.life_event import LifeEvent, Step
from knowledge.load import Department
from knowledge.model import FACETS, Facet, Fee, Item, Limit, Material, Online, Question, Result
from knowledge.papers import asked_papers, one_of, paper_name, wider, yielded_papers
from knowledge.plan import Duration, Entry, plan, working_days

PHRASES = Phrases.load(ROOT / "bot" / "domain")
DAY = date(2026, 11, 1)
NOBODY = Item("", "", "试验", "公共服务", "登记", ("个人",), "城管", (), (), DAY)


def item(code: str, limit: Limit | None = None, result: str | None = None, **more: object) -> Item:
    return replace(NOBODY, code=code, name=code, legal_limit=limit, result=Result(result) if result else None, **more)  # type: ignore[arg-type]


LICENCE = item("licence", Limit(3), "个体工商户营业执照", materials=(Material("经营者身份证", "原件"), Material("灯照片", "复印件", 2)),
               fee=Fee(False), online=Online(True))
LAMP = item("lamp", Limit(14, "自然日"), "灯证", department="供电", materials=(
    Material("营业执照", "复印件", 1), Material("身份证", "复印件", 1), Material("灯照片", "复印件", 3), Material("委托书", required=False)),
    fee=Fee(True, "每盏5元", note="由用户交"))
SIGN = item("sign", Limit(1, "个月"), materials=(Material("营业执照或者登记证书"), Material("灯证")), fee=Fee(False, note="样稿免费"))
ITEMS = {one.code: one for one in (LICENCE, LAMP, SIGN)}
STEPS = (Step("licence", "办执照", "licence"), Step("wire", "拉电线", limit=Limit(2), note="找电工"), Step("lamp", "办灯证", "lamp", ("licence", "wire")),
         Step("sign", "挂招牌", "sign", ("licence", "lamp"), only_if="要招牌的"), Step("open", "开灯", after=("lamp",)))
EVENT = LifeEvent("life-lamp", "点灯一件事", "试验", ("我要点灯", "怎么点灯", "点灯全套", "点个灯"), "点灯最多五件事，先办执照，再办灯证。", STEPS,
                  ("《路灯办法》", "《灯杆办法》"), DAY, (Question("先点哪盏", "先点门口那盏"),))
DOCUMENT = write_event(EVENT)


# --- the plan --------------------------------------------------------------------------------------------------------
def test_steps_of_one_stage_have_everything_before_them_done() -> None:
    assert [[step.key for step in stage] for stage in plan(EVENT, ITEMS).stages] == [["licence", "wire"], ["lamp"], ["sign", "open"]]


def test_the_checklist_lists_a_paper_once_adds_up_its_copies_and_puts_first_what_everybody_needs() -> None:
    assert plan(EVENT, ITEMS).bring == (
        Entry("居民身份证", True, 1, True, ("办执照", "办灯证")),
        Entry("灯照片", False, 5, True, ("办执照", "办灯证")),
        Entry("委托书", True, 0, False, ("办灯证",)))


def test_what_an_earlier_step_yields_need_not_be_brought() -> None:
    assert plan(EVENT, ITEMS).on_the_way == (("营业执照", "办执照"), ("灯证", "办灯证"))


@pytest.mark.parametrize("steps", [
    (STEPS[0], replace(STEPS[2], after=())), (replace(STEPS[0], only_if="没有执照的"), replace(STEPS[2], after=("licence",))),
    (replace(STEPS[0], after=("lamp",)), replace(STEPS[2], after=())),
], ids=["side by side", "only for some", "later"])
def test_what_no_earlier_step_yields_for_sure_has_to_be_brought(steps: tuple[Step, ...]) -> None:
    found = plan(replace(EVENT, steps=steps), ITEMS)
    assert Entry("营业执照", False, 1, True, ("办灯证",)) in found.bring
    assert found.on_the_way == ()


def test_the_longest_path_counts_what_everybody_needs_and_names_what_is_unknown() -> None:
    found = plan(EVENT, ITEMS)
    assert found.longest == Duration(13, ("办执照", "办灯证"), True, ("开灯",))  # 3 + ceil(14 × 5 / 7)
    assert found.with_all == Duration(35, ("办执照", "办灯证", "挂招牌"), True, ("开灯",))


def test_a_promise_of_the_province_goes_before_the_law() -> None:
    assert plan(EVENT, ITEMS | {"lamp": replace(LAMP, promised_limit=Limit(4))}).longest == Duration(7, ("办执照", "办灯证"), False, ("开灯",))


def test_a_step_whose_item_is_withdrawn_stays_and_its_time_is_unknown() -> None:
    found = plan(EVENT, {"licence": LICENCE})
    assert (found.longest, found.with_all.unknown) == (Duration(3, ("办执照",), False, ("办灯证", "开灯")), ("办灯证", "挂招牌", "开灯"))
    assert [entry.name for entry in found.bring] == ["居民身份证", "灯照片"]


def test_a_conditional_step_orders_those_around_it_but_takes_no_time() -> None:
    steps = (STEPS[0], replace(STEPS[2], after=("licence",), only_if="要灯的"), replace(STEPS[3], after=("lamp",), only_if=None))
    found = plan(replace(EVENT, steps=steps), ITEMS)
    assert found.longest == Duration(25, ("办执照", "挂招牌"), True, ())
    assert found.with_all == Duration(35, ("办执照", "办灯证", "挂招牌"), True, ())


@pytest.mark.parametrize(("limit", "days"), [
    (Limit(0), 0), (Limit(20), 20), (Limit(7, "自然日"), 5), (Limit(60, "自然日"), 43), (Limit(3, "个月"), 66), (Limit(24, "小时"), 3),
    (Limit(9, "小时"), 2), (Limit(60, "分钟"), 1)], ids=str)
def test_every_unit_is_told_in_working_days(limit: Limit, days: int) -> None:
    assert working_days(limit) == days


# --- papers ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("line", "asked"), [
    ("本人身份证（正反面）", (("居民身份证",),)), ("居民身份证和户口簿", (("居民身份证",), ("居民户口簿",))), ("图纸和说明", (("图纸和说明",),)),
    ("营业执照或者登记证书", (("营业执照", "登记证书"),)), ("居民身份证或社会保障卡", (("居民身份证",),)), ("灯证", (("灯证",),))])
def test_a_line_of_an_item_is_read_as_the_papers_it_asks_for(line: str, asked: tuple[tuple[str, ...], ...]) -> None:
    assert asked_papers(line) == asked


def test_of_several_papers_that_will_do_the_listed_one_is_told() -> None:
    assert (one_of(("营业执照", "登记证书"), {"登记证书"}), one_of(("营业执照", "登记证书"), set())) == ("登记证书", "营业执照或者登记证书")
    assert (wider("居民身份证", {"夫妻双方的居民身份证"}), wider("居民身份证", {"结婚证"})) == ("夫妻双方的居民身份证", "居民身份证")
    assert yielded_papers("机动车号牌、行驶证和登记证书") == ("机动车号牌、行驶证和登记证书", "机动车号牌", "机动车行驶证", "登记证书")
    assert paper_name("企业营业执照（副本）") == "营业执照"


# --- the document ----------------------------------------------------------------------------------------------------
def test_an_event_is_read_back_as_it_was_written() -> None:
    assert read_event(DOCUMENT) == EVENT


@pytest.mark.parametrize(("steps", "fault"), [
    (({"key": "a", "title": "甲", "after": ["b"]}, {"key": "b", "title": "乙", "after": ["a"]}), "the steps wait for each other in a circle"),
    (({"key": "a", "title": "甲"}, {"key": "b", "title": "乙", "after": ["c"]}), "step 'b' comes after 'c', which is no step"),
    (({"key": "a", "title": "甲"}, {"key": "a", "title": "乙"}), "step 'a' stands twice"),
    (({"key": "a", "title": "甲"},), "a life event has at least two steps"),
    (({"key": "a", "title": "甲"}, {"key": "b", "title": "乙", "item": "lamp", "limit": {"value": 1, "unit": "工作日"}}),
     "step 'b' has an item and a limit of its own"),
])
def test_a_fault_of_the_steps_is_told(steps: tuple[dict[str, object], ...], fault: str) -> None:
    with pytest.raises(KnowledgeFaulty) as raised:
        read_event(DOCUMENT | {"steps": list(steps)})
    assert [one.message for one in raised.value.faults] == [fault]


def test_a_step_that_names_no_item_is_a_fault() -> None:
    event = replace(EVENT, source="family.yml:4")
    faults = list(cross_faults([(replace(one, source="items.yml:1"), ()) for one in (LICENCE, SIGN)], (), [event], ()))
    assert [(fault.file, fault.line, fault.message) for fault in faults] == [
        ("family.yml", 4, "step of 'life-lamp' names item 'lamp', which does not exist")]


# --- what is told ----------------------------------------------------------------------------------------------------
def said(facet: Facet | None, channel: str = "web", asked: str | None = None, event: LifeEvent = EVENT) -> str:
    data = CatalogueData(ITEMS, {}, {}, {event.code: event})
    reply = CatalogueAnswerer(data, {"城管": Department("城管", "城市管理局", "12319")}).about(event.code, facet, None, asked)
    return PHRASES.render(reply.response, channel, **reply.values)


BY_STEP = "每一步不一样。要办的有：办执照、拉电线、办灯证、挂招牌、开灯。您想问哪一步？"


@pytest.mark.parametrize(("facet", "web", "ivr"), [
    (None, "点灯最多五件事，先办执照，再办灯证。要办的有：办执照、拉电线、办灯证、挂招牌、开灯。您想先听怎么一步步办、要备什么材料，还是一共多久？",
     "点灯最多五件事，先办执照，再办灯证。想听步骤、材料还是时间？"),
    ("materials", "点灯，重复的合并以后，一定要备的有2样：居民身份证，灯照片。另有1样看情况要。完整清单在卡片里。",
     "点灯一定要备的有2样：居民身份证，灯照片。另有1样看情况要。"),
    ("process", "点灯这样一步步办：第一步，办执照和拉电线，可以同时办；第二步，办灯证；第三步，挂招牌（要招牌的）和开灯，可以同时办。",
     "第一步，办执照和拉电线，可以同时办；第二步，办灯证；第三步，开灯。另有1样看情况办。"),
    ("time_limit", "点灯，按先后顺序最长的一条线是：先办执照，再办灯证，最长折合13个工作日；能同时办的不另加时间。开灯要多久我没有准确信息，没算在里面。",
     "先办执照，再办灯证，最长折合13个工作日。有1样没有准确时限，没算在里面。"),
    ("fee", "点灯的收费：办灯证收费，每盏5元；由用户交；挂招牌，样稿免费；办执照不收费。", "办灯证要收费，其余2样窗口不收费。想问哪一步要多少钱，您直接说。"),
    ("location", "点灯要找的是城市管理局、供电。进驻政务服务中心的，可以先问综合窗口能不能一起受理。您想问哪一步，我给您说具体地点。",
     "要找城市管理局、供电。想问哪一步，您直接说。"),
    ("online", "点灯里面，办执照可以网上办，其余的要到现场或者各地不一样。", "办执照可以网上办。"),
    ("basis", "点灯的依据是《路灯办法》、《灯杆办法》。", "主要依据是《路灯办法》。"),
    ("hours", f"点灯，办公时间{BY_STEP}", "办公时间每一步不一样，您想问哪一步？"),
    ("phone", f"点灯，咨询电话{BY_STEP}", "咨询电话每一步不一样，您想问哪一步？"),
    ("conditions", f"点灯，办理条件{BY_STEP}", "办理条件每一步不一样，您想问哪一步？"),
    ("visits", f"点灯，跑几趟{BY_STEP}", "跑几趟每一步不一样，您想问哪一步？"),
    ("result", f"点灯，办理结果{BY_STEP}", "办理结果每一步不一样，您想问哪一步？"),
])
def test_every_facet_is_told_in_a_sentence(facet: Facet | None, web: str, ivr: str) -> None:
    assert (said(facet), said(facet, "ivr")) == (web, ivr)


def test_a_question_of_the_event_is_answered_by_its_answer() -> None:
    assert said("fee", asked="先点哪盏") == "先点门口那盏。"


def test_where_nothing_can_be_told_of_the_whole_the_steps_are_offered() -> None:
    outside = replace(EVENT, steps=(Step("wire", "拉电线", only_if="没电线的"), Step("open", "开灯", only_if="天黑的")))
    for facet in ("materials", "time_limit", "fee", "online"):
        assert said(facet, "ivr", event=outside).endswith("每一步不一样，您想问哪一步？")  # type: ignore[arg-type]  # a facet
    assert said("process", "ivr", event=outside) == "拉电线（没电线的）和开灯（天黑的），可以同时办。"


def test_the_card_holds_steps_checklist_times_fees_and_notes() -> None:
    card = CatalogueAnswerer(CatalogueData(ITEMS, {}, {}, {EVENT.code: EVENT}), {}).about(EVENT.code, None).card
    assert card == {
        "kind": "life_event", "code": "life-lamp", "name": "点灯一件事", "as_of": "2026-11-01", "basis": ["《路灯办法》", "《灯杆办法》"],
        "steps": [{"title": "办执照", "item": "licence", "stage": 0}, {"title": "拉电线", "item": None, "stage": 0}, {"title": "办灯证", "item": "lamp", "stage": 1},
                  {"title": "挂招牌", "item": "sign", "stage": 2, "only_if": "要招牌的"}, {"title": "开灯", "item": None, "stage": 2}],
        "rows": [
            {"key": "stages", "title": "分几步",
             "lines": ["第一步：办执照；拉电线（可以同时办）", "第二步：办灯证", "第三步：挂招牌（要招牌的）；开灯（可以同时办）"]},
            {"key": "materials", "title": "材料清单",
             "lines": ["居民身份证（原件、复印件1份），2步共用", "灯照片（复印件5份），2步共用", "委托书：部分情况需要"]},
            {"key": "on_the_way", "title": "办的过程中会拿到", "lines": ["营业执照（办执照时拿到）", "灯证（办灯证时拿到）"]},
            {"key": "limit", "title": "最长要多久",
             "lines": ["按先后顺序最长折合13个工作日：办执照→办灯证", "按情况才办的也都办，最长折合35个工作日：办执照→办灯证→挂招牌", "没有准确时限、未计入：开灯"]},
            {"key": "fee", "title": "收费", "lines": ["办执照：不收费", "办灯证：每盏5元；由用户交", "挂招牌：不收费；样稿免费"]},
            {"key": "reminders", "title": "提醒", "lines": ["拉电线：找电工"]},
        ]}


# --- everything that is shipped --------------------------------------------------------------------------------------
KNOWN = build()
SHIPPED = tuple(KNOWN.catalogue.events())
_BROKEN = re.compile(r"[{}]|None|[，。；：、？！,]{2,}|（）|\s\s|一件事[，的]")
LONGEST_HEARD = 130  # characters: half a minute on the telephone
# Which step must not come before which, as the law has it.
ORDER = {"life-newborn": ("certificate", "household", "childcare"), "life-restaurant": ("licence", "food"), "life-small-eatery": ("staff", "catering"),
         "life-pharmacy": ("licence", "drug", "insurance"), "life-kindergarten": ("permit", "register", "food"), "life-company": ("licence", "insurance", "staff"),
         "life-company-cancel": ("tax", "cancel"), "life-factory": ("land", "planning", "permit", "build", "fire", "acceptance"),
         "life-freight": ("purchase", "plate", "permit"), "life-second-hand-home": ("contract", "tax", "transfer", "power"), "life-new-home": ("tax", "deed"),
         "life-retirement": ("transfer", "retire", "medical"), "life-work-injury": ("certify", "assess", "benefit"), "life-marriage": ("register", "join"),
         "life-funeral": ("certificate", "cremation", "burial"), "life-disabled": ("certificate", "allowance"), "life-veteran": ("report", "household"),
         "life-unemployed": ("register", "benefit"), "life-rural-house": ("land", "build", "register")}


def test_there_are_life_events_for_people_and_for_businesses() -> None:
    assert len(SHIPPED) >= 28
    assert set(ORDER) <= {event.code for event in SHIPPED}
    assert {event.topic for event in SHIPPED} == {"一件事·家庭", "一件事·住房", "一件事·工作", "一件事·经营"}


@pytest.mark.parametrize("event", SHIPPED, ids=lambda event: event.code)
def test_a_shipped_event_holds_together(event: LifeEvent) -> None:
    steps = KNOWN.catalogue.steps_of(event)
    found = plan(event, steps)
    assert set(steps) == set(event.items())
    assert found.bring
    assert sum(paper.name.endswith("居民身份证") and paper.always and "逝者" not in paper.name for paper in found.bring) <= 1
    assert len({paper.name for paper in found.bring}) == len(found.bring)
    assert 3 <= len(event.steps) <= 9 and len(event.aliases) >= 4 and 1 <= len(event.questions) <= 3
    assert 20 <= len(event.summary) <= 60
    position = {step.key: number for number, stage in enumerate(found.stages) for step in stage}
    places = [position[key] for key in ORDER.get(event.code, ())]
    assert places == sorted(set(places))


@pytest.mark.parametrize("event", SHIPPED, ids=lambda event: event.code)
def test_every_answer_about_a_shipped_event_is_a_clean_sentence(event: LifeEvent) -> None:
    replies = [KNOWN.answerer.about(event.code, facet) for facet in (None, *FACETS)]
    replies += [KNOWN.answerer.about(event.code, None, None, question.ask) for question in event.questions]
    told = {channel: [PHRASES.render(reply.response, channel, **reply.values) for reply in replies] for channel in ("web", "ivr")}
    assert [text for texts in told.values() for text in texts if _BROKEN.search(text) or text[-1] not in "。？！"] == []
    assert [text for text in told["ivr"] if len(text) > LONGEST_HEARD] == []


@pytest.mark.parametrize("event", SHIPPED, ids=lambda event: event.code)
def test_an_event_is_found_by_every_one_of_its_names(event: LifeEvent) -> None:
    for text in (event.name, *event.aliases, *(question.ask for question in event.questions)):
        assert (KNOWN.matcher.match(text).decision, KNOWN.matcher.match(text).candidates[0].code) == ("answer", event.code), text
