import json
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.draft import QUESTIONS, Draft
from tickets.elements import elements
from tickets.intake import absorb, correct, next_question, start, summary
from tickets.model import Elements, TicketType


@dataclass(frozen=True)
class Piece:
    """A span as zh.extract yields it."""

    label: str
    text: str
    start: int
    end: int
    value: str | None = None


def spans(text: str, **found: str) -> tuple[Piece, ...]:
    pieces = [Piece(label, part, text.index(part), text.index(part) + len(part)) for label, parts in found.items() for part in parts.split("|")]
    return tuple(sorted(pieces, key=lambda piece: piece.start))


FULL = "历下区解放路12号的万科物业昨天晚上锁了消防通道"
FULL_SPANS = spans(FULL, place="历下区解放路12号", org="万科物业", time="昨天晚上")
DRAFT = start(TicketType.COMPLAINT, FULL, FULL_SPANS, phone="13812345678", region="370102")


def questions(draft: Draft, answers: dict[str, str]) -> list[str]:
    """Answer whatever is asked; the read-back may come up to three times."""
    asked: list[str] = []
    while (question := next_question(draft)) and asked.count("confirm") < 3:
        asked.append(question)
        draft = absorb(draft, question, answers.get(question, "不知道"))
    return asked


def test_the_five_elements_are_taken_from_what_was_said() -> None:
    text = FULL + ",因为图省事"
    assert elements(text, spans(text, place="历下区解放路12号", org="万科物业", time="昨天晚上")) == Elements(
        "万科物业", "昨天晚上", "历下区解放路12号", "图省事", text)


@pytest.mark.parametrize(("type", "text", "found", "phone", "expected"), [
    (TicketType.HELP, "小区门口路灯坏了一个月没人修", {"place": "小区门口"}, None, ["where", "contact", "confirm"]),
    (TicketType.HELP, "历下区解放路12号停水了", {"place": "历下区解放路12号"}, "13812345678", ["confirm"]),
    (TicketType.HELP, "历下区停水了", {"place": "历下区"}, "13812345678", ["where", "confirm"]),
    (TicketType.HELP, "阳光小区停水了", {"place": "阳光小区"}, "13812345678", ["confirm"]),
    (TicketType.COMPLAINT, "我要投诉", {}, None, ["course", "where", "who", "contact", "confirm"]),
    (TicketType.COMPLAINT, "我要投诉", {}, "13812345678", ["course", "where", "who", "when", "confirm"]),
    (TicketType.COMPLAINT, "我要投诉万科物业", {"org": "万科物业"}, "13812345678", ["course", "where", "when", "confirm"]),
    (TicketType.REPORT, "我要举报", {}, None, ["contact", "course", "where", "who", "confirm"]),
    (TicketType.REPORT, FULL, {"place": "历下区解放路12号", "org": "万科物业", "time": "昨天晚上"}, "13812345678", ["contact", "confirm"]),
    (TicketType.SUGGESTION, "公园里多放几个垃圾桶", {}, None, ["where", "contact", "confirm"]),
    (TicketType.PRAISE, "表扬", {}, None, ["course", "who", "contact", "confirm"]),
    (TicketType.CONSULTATION, "高龄津贴什么时候发", {}, "13812345678", ["where", "confirm"]),
], ids=["help with a vague place", "nothing missing", "a district is too coarse", "an estate is a place", "bare complaint",
        "bare complaint, known caller", "complaint about a firm", "a report offers anonymity first", "a known reporter is still offered it",
        "a suggestion has a place", "bare praise", "consultation"])
def test_only_what_is_missing_and_matters_is_asked(
        type: TicketType, text: str, found: dict[str, str], phone: str | None, expected: list[str]) -> None:
    assert questions(start(type, text, spans(text, **found), phone=phone), {"course": "电梯坏了", "contact": "不要", "confirm": "对"}) == expected


ANSWERS = st.sampled_from(["不知道", "对", "不对", "", "历下区", "小区门口", "匿名", "不是历下是历城", "昨天", "电话是13900001111", "我要投诉",
                           "好的", "对了还有一件事", "地址说错了,是经十路5号", FULL]) | st.text(max_size=20)
DRAFTS = st.builds(
    start, st.sampled_from(TicketType), st.sampled_from(["我要投诉", "路灯坏了", "停水了", "", FULL, "历下区的物业"]) | st.text(max_size=40),
    phone=st.sampled_from([None, "13812345678"]))


@given(DRAFTS, st.lists(ANSWERS, min_size=9, max_size=9))
def test_never_more_than_five_questions_whatever_the_answers(draft: Draft, answers: list[str]) -> None:
    asked = []
    for answer in answers:
        question = next_question(draft)
        if question is None:
            break
        asked.append(question)
        draft = absorb(draft, question, answer)
    assert len(set(asked)) <= 5
    assert [question for question in set(asked) if asked.count(question) > 1] in ([], ["contact"], ["confirm"], ["contact", "confirm"], ["confirm", "contact"])
    assert asked.count("contact") <= 2
    assert "confirm" in asked
    assert (next_question(draft) is None) is (draft.confirmed is True)
    assert Draft.from_dict(json.loads(json.dumps(draft.to_dict()))) == draft


@pytest.mark.parametrize("answer", ["不知道", "记不清了", "忘了", "说不好"])
def test_what_the_caller_does_not_know_is_not_asked_again(answer: str) -> None:
    draft = absorb(start(TicketType.HELP, "停水了", phone="13812345678"), "where", answer)
    assert draft.where is None
    assert next_question(draft) == "confirm"


def test_an_answer_fills_its_field_and_whatever_else_it_tells() -> None:
    answer = "在历下区解放路12号,昨天晚上的事"
    draft = absorb(start(TicketType.COMPLAINT, "我要投诉"), "course", "物业锁了消防通道")
    draft = absorb(draft, "where", answer, spans(answer, place="历下区解放路12号", time="昨天晚上"))
    assert (draft.course, draft.who, draft.when) == ("物业锁了消防通道", "物业", "昨天晚上")
    assert draft.where == "历下区解放路12号"


@pytest.mark.parametrize(("first", "answer", "where"), [
    ("历下区停水了", "解放路12号", "历下区解放路12号"), ("历下区停水了", "历城区唐王镇张家村", "历城区唐王镇张家村"),
    ("小区门口停水了", "历下区阳光花园小区", "历下区阳光花园小区门口"), ("停水了", "就在俺家楼下。", "俺家楼下"),
], ids=["district and street", "another district", "estate and its gate", "his own words"])
def test_a_place_is_completed(first: str, answer: str, where: str) -> None:
    draft = start(TicketType.HELP, first, spans(first, place=first[:-3]) if len(first) > 3 else ())
    assert absorb(draft, "where", answer).where == where


@pytest.mark.parametrize(("answer", "anonymous", "confidential", "phone"), [
    ("匿名吧", True, None, None), ("要不匿名吧", True, None, None), ("不想实名", True, None, None), ("我实名举报", False, None, None),
    ("不想留名字", True, None, None), ("13812345678", None, None, "13812345678"),
    ("138 1234 5678,给我保密", None, True, "13812345678"), ("不用匿名,13812345678", False, None, "13812345678"),
    ("可以", None, True, None), ("不用了", None, None, None),
])
def test_a_reporter_chooses_how_to_be_known(answer: str, anonymous: bool | None, confidential: bool | None, phone: str | None) -> None:
    draft = absorb(start(TicketType.REPORT, "有人偷排"), "contact", answer)
    assert (draft.anonymous, draft.confidential, draft.phone) == (anonymous, confidential, phone)


def test_a_report_stays_confidential_unless_the_reporter_says_it_need_not() -> None:
    report = start(TicketType.REPORT, "有人偷排")
    assert report.to_new("web").confidential is True
    assert replace(report, confidential=False).to_new("web").confidential is False
    assert start(TicketType.HELP, "停水了").to_new("web").confidential is False


def test_a_number_told_along_the_way_is_not_taken_for_the_callers() -> None:
    assert start(TicketType.REPORT, "有个13912345678的号骗我钱").phone is None
    assert start(TicketType.REPORT, "被骗了,我的电话是13812345678").phone == "13812345678"


def test_the_callers_own_name_is_not_whom_he_complains_about() -> None:
    text = "我叫王建国,投诉李经理骂人"
    draft = start(TicketType.COMPLAINT, text, spans(text, person="王建国|李经理"))
    assert (draft.name, draft.who) == ("王建国", "李经理")


@pytest.mark.parametrize(("message", "found", "field", "value"), [
    ("不是历下是历城", {}, "where", "历城区解放路12号"),
    ("不是历下是历城区", {}, "where", "历城区解放路12号"),
    ("不是历下,是历城", {}, "where", "历城区解放路12号"),
    ("是历城不是历下", {}, "where", "历城区解放路12号"),
    ("把历下改成市中", {}, "where", "市中区解放路12号"),
    ("地址说错了,是经十路88号", {}, "where", "历下区经十路88号"),
    ("说错了,应该是经十路88号", {"place": "经十路88号"}, "where", "历下区经十路88号"),
    ("地点是市中区经七路8号", {}, "where", "市中区经七路8号"),
    ("不对是18号", {}, "where", "历下区解放路18号"),
    ("电话是13900001111", {}, "phone", "13900001111"),
    ("手机号错了,应该是139 0000 1111", {}, "phone", "13900001111"),
    ("不是昨天是前天", {}, "when", "前天晚上"),
    ("时间不对,是上周五", {}, "when", "上周五"),
    ("不是万科是保利", {}, "who", "保利物业"),
    ("名字是李四", {}, "name", "李四"),
    ("不是投诉是举报", {}, "type", TicketType.REPORT),
    ("我要匿名", {}, "anonymous", True),
    ("别告诉他们是我说的", {}, "confidential", True),
])
def test_a_correction_changes_the_right_field(message: str, found: dict[str, str], field: str, value: object) -> None:
    changed = correct(DRAFT, message, spans(message, **found))
    assert getattr(changed, field) == value
    untouched = {"where", "when", "who", "phone", "name", "type", "cause", "course", "anonymous", "confidential"} - {field}
    assert {name: getattr(changed, name) for name in untouched} == {name: getattr(DRAFT, name) for name in untouched} | (
        {"course": changed.course})


@pytest.mark.parametrize("message", ["对", "好的谢谢", "没问题", "今天天气不错", "你们什么时候能处理", "电话是不是要留", ""])
def test_what_corrects_nothing_changes_nothing(message: str) -> None:
    assert correct(DRAFT, message) == DRAFT


def test_a_corrected_place_is_looked_up_again_and_the_handler_reads_the_correction() -> None:
    changed = correct(DRAFT, "不是历下是历城")
    assert changed.region is None
    assert changed.text == FULL + "。更正：地点是历城区解放路12号"


def test_a_corrected_phone_stays_out_of_the_text() -> None:
    assert correct(DRAFT, "电话是13900001111").text == FULL


@pytest.mark.parametrize(("message", "confirmed"), [
    ("对", True), ("好的,谢谢", True), ("嗯,没问题", True), ("就这样吧", True), ("提交", True), ("不对", False), ("要改一下", False),
    ("对了还有一件事电梯也坏了", None), ("你说什么", None),
])
def test_only_a_whole_yes_confirms(message: str, confirmed: bool | None) -> None:
    assert absorb(DRAFT, "confirm", message).confirmed is confirmed


def test_after_a_correction_the_caller_always_confirms_again() -> None:
    early = absorb(DRAFT, "confirm", "不是历下是历城")
    assert (early.where, early.confirmed, next_question(early)) == ("历城区解放路12号", None, "confirm")
    last = absorb(replace(DRAFT, asked=("course", "where", "who", "when")), "confirm", "不是历下是历城")
    assert (last.where, last.confirmed, next_question(last)) == ("历城区解放路12号", None, "confirm")


def test_the_summary_reads_back_what_is_known() -> None:
    assert summary(DRAFT) == {"诉求类型": "投诉", "内容": FULL, "地点": "历下区解放路12号", "时间": "昨天晚上", "反映对象": "万科物业",
                              "联系方式": "13812345678"}
    hidden = summary(replace(DRAFT, anonymous=True, name="王建国"))
    assert hidden["联系方式"] == "匿名，不留姓名和电话"
    assert "称呼" not in hidden


def test_the_draft_becomes_a_new_ticket() -> None:
    new = DRAFT.to_new("ivr", "request-1")
    assert (new.type, new.text, new.address, new.when, new.who, new.phone, new.region, new.source_channel, new.request_id) == (
        TicketType.COMPLAINT, FULL, "历下区解放路12号", "昨天晚上", "万科物业", "13812345678", "370102", "ivr", "request-1")


@pytest.mark.parametrize("raw", [{"type": "吵架", "asked": []}, {"type": "投诉", "asked": [], "surprise": 1}])
def test_a_draft_that_is_none_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Draft.from_dict(raw)


def test_a_question_that_is_never_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown question: weather"):
        absorb(DRAFT, "weather", "晴")
    assert QUESTIONS == ("course", "where", "who", "when", "contact", "confirm")
