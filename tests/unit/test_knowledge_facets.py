"""Which part of an item a question is about, in the words that callers use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.facets import facet_of, spoken, without_question
from knowledge.model import FACETS, Facet
from zh.normalise import normalise

ASKED: dict[Facet, tuple[str, ...]] = {
    "materials": (
        "补办身份证要带什么材料", "俺去补身份证要带啥", "办结婚证都得拿些什么东西", "落户需要哪些证件", "恁这办营业执照得准备啥手续", "给孩子上户口要啥证明", "办护照用不用带户口本",
        "要不要带照片", "需要几张照片", "复印件行还是非要原件", "过户得备齐哪些资料", "得拿么去", "去办带么", "要啥不要啥", "身份证用带着不",
    ),
    "process": (
        "身份证丢了咋补", "公积金怎么取", "注销公司的流程是什么", "办准生证咋弄", "俺想开个饭店该咋办", "社保转移分几步", "怎样办理居住证", "办这个步骤麻烦吗", "如何申请低保",
        "这个事该怎么整", "咋着弄", "驾照到期了咋换",
    ),
    "time_limit": (
        "办护照多久能下来", "身份证几天能拿", "营业执照啥时候能下来", "公积金提取几个工作日到账", "补办社保卡得多长时间", "今天交了材料当天能拿吗", "最快多少天",
        "离婚证什么时候能拿到手", "得等几天", "房产证多咱能办好", "多昝能办利索", "得多大会儿",
    ),
    "fee": (
        "补身份证要多少钱", "办护照收费吗", "换驾照得花多少", "领结婚证要钱不", "办个健康证几块钱", "居住证免费不", "有工本费没", "过户手续费贵不贵", "要不要收钱",
        "办证要交多少费用", "使钱不", "用掏钱不", "花钱不",
    ),
    "location": (
        "补身份证去哪办", "在哪儿能办护照", "老年证上哪里办", "办营业执照到哪个窗口", "办准生证得去什么地方", "社保卡在啥地方补", "俺这事归哪个部门管", "房产证在哪个大厅办",
        "外地能办身份证吗", "公积金中心地址在哪", "上哪儿弄去", "搁哪办", "哪个窗口给办",
    ),
    "hours": (
        "政务大厅几点上班", "周六上班不", "礼拜天能办吗", "中午休息不", "派出所几点下班", "节假日有人吗", "窗口上班时间是啥时候", "星期天开门吗", "车管所营业时间",
        "礼拜六上不上班", "晌午有人不",
    ),
    "phone": (
        "公积金中心电话多少", "车管所的电话号码是多少", "有没有咨询电话", "打什么电话问", "社保局怎么联系", "要问这事打哪个电话", "医保的联系电话呢", "派出所电话是多少",
    ),
    "conditions": (
        "领低保有什么条件", "多大岁数能领养老金", "俺这种情况能不能申请公租房", "申请廉租房要符合什么", "离婚了能不能领失业金", "办居住证有啥要求", "几岁能考驾照",
        "谁可以申请法律援助", "什么人能领高龄补贴", "有么条件", "八十岁能领高龄补贴吗", "够不够条件",
    ),
    "online": (
        "网上能办吗", "手机上能弄不", "能在爱山东上办不", "有小程序没", "身份证能不能网上补", "可以邮寄到家吗", "线上办理行不行", "微信上能办吗", "在家就能办吗",
        "电脑上咋弄", "手机上能办不", "能给寄家来不",
    ),
    "visits": (
        "得跑几趟", "一趟能办完吗", "要去几次", "还得再跑一趟吗", "现场要去几回", "来回跑多少趟", "俺得去几趟", "得跑几遭", "跑一趟就行吗",
    ),
    "basis": (
        "这是哪条规定", "有什么法律依据", "凭什么不给办", "根据哪个文件", "依据是什么", "谁规定的有文件吗", "按哪部法办的",
    ),
    "result": (
        "护照有效期几年", "办完给个什么证", "居住证有效期是多久", "身份证管几年", "办好了发什么本", "健康证能用几年", "驾照几年到期",
    ),
}


def test_the_table_asks_for_every_facet() -> None:
    assert set(ASKED) == set(FACETS)
    assert {facet: len(texts) for facet, texts in ASKED.items() if len(texts) < 7} == {}


@pytest.mark.parametrize(("text", "facet"), [(text, facet) for facet, texts in ASKED.items() for text in texts])
def test_a_question_names_its_facet(text: str, facet: Facet) -> None:
    assert facet_of(normalise(text)) == facet


@pytest.mark.parametrize("text", ["俺要办身份证", "小区路灯坏了", "身份证丢了", "结婚登记", "你好", ""])
def test_words_that_ask_for_no_part_name_no_facet(text: str) -> None:
    assert facet_of(text) is None


@pytest.mark.parametrize(("text", "facet"), [
    ("打哪个电话能问清要带什么", "phone"), ("要带什么材料，怎么办", "materials"), ("周六能办身份证吗", "hours"), ("护照有效期多久", "result"),
    ("网上怎么办", "online"), ("去哪办，怎么走流程", "location"),
])
def test_the_narrower_question_wins_over_the_wider(text: str, facet: Facet) -> None:
    assert facet_of(normalise(text)) == facet


@pytest.mark.parametrize(("said", "standard"), [
    ("咋办", "怎么办"), ("要带啥", "要带什么"), ("啥时候能办", "什么时候能办"), ("恁那里", "你们那里"), ("俺的证", "我的证"), ("多咱能拿", "什么时候能拿"),
    ("多昝能拿", "什么时候能拿"), ("使钱不", "花钱不"), ("晌午", "中午"), ("什么时候", "什么时候"),
])
def test_the_speech_of_shandong_is_folded_to_the_standard(said: str, standard: str) -> None:
    assert spoken(said) == standard
    assert spoken(standard) == standard


@pytest.mark.parametrize(("text", "matter"), [
    ("补办身份证要带什么材料", "补办身份证"), ("请问结婚登记怎么办理", "结婚登记"), ("去哪办护照", "办护照"), ("身份证", "身份证"),
])
def test_without_the_question_the_matter_is_left(text: str, matter: str) -> None:
    assert without_question(text) == matter


@pytest.mark.parametrize("text", ["怎么办", "要带什么", "多少钱呢", "哪", "费", "一下", "网上"])
def test_a_text_that_is_nothing_but_question_stays_as_it_is(text: str) -> None:
    assert without_question(text) == text


@given(st.text(st.sampled_from("怎么办要带什多少钱呢哪几天材料网上a ,。身份证"), min_size=1, max_size=30))
def test_something_is_always_left(text: str) -> None:
    assert without_question(text)
    assert without_question(text).strip() or not text.strip()
