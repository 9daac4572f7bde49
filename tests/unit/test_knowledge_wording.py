"""Fields of an item as short spoken pieces."""

from __future__ import annotations

import pytest

from knowledge import wording
from knowledge.model import FACETS, Fee, Limit, Material


@pytest.mark.parametrize(("text", "clause", "sentence"), [
    ("带身份证", "带身份证", "带身份证。"), ("带身份证。", "带身份证", "带身份证。"), ("能办吗？", "能办吗？", "能办吗？"), ("来吧！", "来吧！", "来吧！"), ("", "", ""),
], ids=["open", "closed", "a question", "a call", "nothing"])
def test_a_text_is_closed_by_one_mark_or_built_in_by_none(text: str, clause: str, sentence: str) -> None:
    assert (wording.clause(text), wording.sentence(text)) == (clause, sentence)
    assert wording.sentence(None) == ""


@pytest.mark.parametrize(("limit", "told"), [
    (Limit(20), "20个工作日"), (Limit(60, "自然日"), "60天"), (Limit(24, "小时"), "24小时"), (Limit(15, "分钟"), "15分钟"), (Limit(2, "个月"), "2个月"),
    (Limit(0), "当场办结"), (Limit(0, "分钟"), "当场办结"), (Limit(20, "工作日", "公示不算在内。"), "20个工作日，公示不算在内"),
])
def test_a_limit_is_told_with_its_unit_and_its_condition(limit: Limit, told: str) -> None:
    assert wording.limit_with_note(limit) == told


@pytest.mark.parametrize(("process", "told"), [
    (("申请。",), "申请"), (("申请", "领证"), "先申请，再领证"), (("申请", "审核", "领证"), "先申请，再审核，最后领证"),
    (("申请", "受理", "审核", "领证"), "先申请，再受理，然后审核，最后领证"), (("申请", "受理", "审核", "制证", "领证"), "先申请，再受理，然后审核，接着制证，最后领证"),
    (("先问清楚", "申请", "最后领证"), "先问清楚，再申请，最后领证"),
], ids=["one", "two", "three", "four", "five", "with words of their own"])
def test_steps_are_told_in_their_order(process: tuple[str, ...], told: str) -> None:
    assert wording.steps(process) == told


@pytest.mark.parametrize("count", range(1, 12))
def test_no_step_is_lost(count: int) -> None:
    told = wording.steps([f"第{i}步" for i in range(count)])
    assert [f"第{i}步" in told for i in range(count)] == [True] * count


@pytest.mark.parametrize(("material", "told", "line"), [
    (Material("身份证"), "身份证", "身份证"), (Material("身份证", "原件", 1), "身份证（原件）", "身份证（原件）"), (Material("照片", copies=3), "照片（3份）", "照片（3份）"),
    (Material("协议", "原件", 3, "自备"), "协议（原件3份）", "协议（原件3份）"), (Material("证明", source="法院", required=False, note="离过婚的要带"), "证明",
                                                                       "证明：部分情况需要；由法院出具；离过婚的要带"),
], ids=["bare", "one original", "copies", "both", "sometimes"])
def test_a_material_is_told_with_its_form_and_shown_with_the_rest(material: Material, told: str, line: str) -> None:
    assert (wording.material(material), wording.material_line(material)) == (told, line)


@pytest.mark.parametrize(("fee", "told"), [
    (Fee(False), "不收费"), (Fee(False, "5元"), "不收费"), (Fee(True, "5元"), "5元"), (Fee(True), "收费，标准以窗口公示为准"), (Fee(True, "5元", note="由用户交"), "5元；由用户交"),
], ids=["free", "free whatever the amount", "an amount", "no amount", "with a note"])
def test_a_fee_is_never_made_up(fee: Fee, told: str) -> None:
    assert wording.fee(fee) == told


def test_every_facet_has_a_name_that_callers_know() -> None:
    assert set(wording.FACET_NAMES) == set(FACETS)
    assert len(set(wording.FACET_NAMES.values())) == len(FACETS)
    assert wording.visits(0) == "不用跑现场"
    assert wording.visits(2) == "跑2趟"
