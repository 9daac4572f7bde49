"""Dialogues that mix items, regions, life events and policies, as callers do: follow-ups, a change of subject and back, a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.running_product import Product

pytestmark = pytest.mark.stack

LISTENED = 150  # characters that a caller hears in about half a minute
UNSPEAKABLE = ("\n", "http", "*", "|", "卡片")  # a card is not seen on the telephone
OFFERS = ["转人工", "登记工单"]


@dataclass(frozen=True)
class Say:
    """What the caller says, what it must be taken for, and the words that must and must not be in the reply.

    `region` is looked at where one was said.
    `options` are the choices that must be offered. A `text` of one character is a key pressed on the telephone.
    """

    text: str
    outcome: str
    item: str | None = None
    facet: str | None = None
    region: str | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    options: list[str] | None = None


def about(text: str, item: str, facet: str | None, *has: str, region: str | None = None, lacks: tuple[str, ...] = ()) -> Say:
    """An answer about an item, a life event or a policy."""
    return Say(text, "answered", item, facet, region, has, lacks)


def polite(text: str) -> Say:
    """Words that ask for nothing."""
    return Say(text, "smalltalk")


STORIES: dict[str, tuple[str | None, tuple[Say, ...]]] = {
    "an old caller lost her identity card, moves it to Yantai, asks a policy and comes back": (None, (
        about("闺女，俺身份证丢了，咋补啊", "id-card-reissue", "process", "派出所"),
        about("那要多少钱呢", "id-card-reissue", "fee", "40"),
        about("那烟台呢", "id-card-reissue", "fee", "40", region="370600"),
        about("一次办好是啥意思", "policy-yicibanhao", None, "群众满意"),
        about("那补身份证要带啥", "id-card-reissue", "materials", "居民户口簿", region="370600"),
        polite("好嘞，谢谢闺女"),
        polite("再见"),
    )),
    "a hurried caller marries and asks how one divorces": (None, (
        about("结婚登记带啥，快点", "marriage-registration", "materials", "合影"),
        about("几天", "marriage-registration", "time_limit", "当场"),
        about("要钱不", "marriage-registration", "fee", "不收费"),
        about("离婚登记带啥", "divorce-registration", "materials", "离婚协议"),
        about("网上能办不", "divorce-registration", "online", "现场"),
        about("去哪办", "divorce-registration", "location", "婚姻登记"),
        polite("谢谢"),
    )),
    "a lost passport in Jinan and Dezhou, then Hong Kong, then the passport again": (None, (
        about("护照丢了咋补", "passport-renew", "process", "出入境"),
        about("多少钱", "passport-renew", "fee", "120"),
        about("济南网上能办不", "passport-renew", "online", "济南户籍", region="370100"),
        about("德州呢", "passport-renew", "online", region="371400", lacks=("济南户籍",)),
        about("港澳通行证要多少钱", "hk-macau-permit", "fee", "60", region="371400"),
        about("护照丢了补办要几天", "passport-renew", "time_limit", "15", region="371400"),
    )),
    "which identity card: the lost one, then a temporary one, then the lost one in Qingdao": (None, (
        Say("身份证怎么办", "clarified"),
        about("丢了的那个", "id-card-reissue", "process"),
        about("临时身份证多少钱", "id-card-temporary", "fee", "10"),
        about("几天", "id-card-temporary", "time_limit", "3天"),
        about("身份证丢了补领要带啥", "id-card-reissue", "materials", "居民户口簿"),
        about("青岛呢", "id-card-reissue", "materials", "青岛", "居民户口簿", region="370200"),
    )),
    "a dog in Jinan, Qingdao and Yantai, of which two have rules of their own": ("370102", (
        about("养犬登记要什么条件", "dog-registration", "conditions", "每户限养一只", region="370102"),
        about("青岛呢", "dog-registration", "conditions", region="370200", lacks=("每户限养一只",)),
        about("那去哪儿办", "dog-registration", "location", "带着狗", region="370200"),
        about("烟台呢", "dog-registration", "location", "烟台", region="370600", lacks=("带着狗",)),
        about("要带啥", "dog-registration", "materials", "免疫证明", region="370600"),
        about("身份证丢了补一个多少钱", "id-card-reissue", "fee", "40", region="370600"),
        about("再问问那个养犬登记，济南要啥条件", "dog-registration", "conditions", "每户限养一只", region="370100"),
    )),
    "heating stopped in Tai'an, not the same in Yantai, gas in between, and Tai'an again": (None, (
        about("泰安怎么报停暖气", "heating-service", "process", "三十天", region="370900"),
        about("要啥条件", "heating-service", "conditions", "改造", region="370900"),
        about("烟台呢", "heating-service", "conditions", "烟台", region="370600", lacks=("验收合格",)),
        about("燃气过户要带啥", "gas-transfer", "materials", "房屋权属证明", region="370600"),
        about("要钱不", "gas-transfer", "fee", "不收费", region="370600"),
        about("泰安报停暖气要啥条件来着", "heating-service", "conditions", "改造", region="370900"),
    )),
    "a newborn: its steps, the household, its insurance, the longest time": ("370102", (
        about("刚生了孩子都要办啥手续", "life-newborn", None, "上户口", "医保"),
        about("上户口要带啥", "birth-household", "materials", "出生医学证明"),
        about("要钱不", "birth-household", "fee", "不收费"),
        about("网上能办不", "birth-household", "online", "泉城办", region="370102"),
        about("威海呢", "birth-household", "online", region="371000", lacks=("泉城办",)),
        about("那给孩子办医保要带啥", "newborn-medical", "materials", "出生医学证明", region="371000"),
        about("新生儿出生一件事最长要多久", "life-newborn", "time_limit", "个工作日"),
    )),
    "a restaurant: its steps, two of them, its checklist, its longest time, its cost, what comes first": ("370600", (
        about("开饭馆的证都有哪些", "life-restaurant", None, "食品经营许可", "健康证"),
        about("怎么一步步办", "life-restaurant", "process", "第一步", "营业执照"),
        about("那办健康证要带啥", "health-certificate", "materials", "身份证"),
        about("那办营业执照要带啥", "sole-setup", "materials", "经营场所使用证明"),
        about("开餐馆都要备啥材料", "life-restaurant", "materials", "个体工商户登记申请书"),
        about("最长要多久", "life-restaurant", "time_limit", "个工作日"),
        about("要花多少钱", "life-restaurant", "fee", "营业执照"),
        about("那先办哪个", "life-restaurant", "process", "营业执照"),
    )),
    "a company: its licence in two cities, an aim of 2018, the checklist and the longest time": ("370600", (
        about("新公司执照公章社保一起办", "life-company", None, "刻公章"),
        about("那办营业执照要带啥", "company-setup", "materials", "公司章程"),
        about("网上能办不", "company-setup", "online", region="370600", lacks=("泉城办",)),
        about("济南呢", "company-setup", "online", "泉城办", region="370100"),
        about("3545是啥意思", "policy-3545", None, "2018年"),
        about("开公司一件事都要备啥材料", "life-company", "materials", "公司章程"),
        about("最长要多久", "life-company", "time_limit", "个工作日"),
    )),
    "a death in the family: the household cancelled, Laiyang, all papers, the money": (None, (
        about("家里老人走了后面的事都怎么办", "life-funeral", "process", "火化"),
        about("销户口要带啥", "household-death", "materials", "户口簿"),
        about("要钱不", "household-death", "fee", "不收费"),
        about("俺家在莱阳", "household-death", "fee", "不收费", region="370682"),
        about("身后事要准备哪些材料", "life-funeral", "materials", "户口簿", region="370682"),
        about("职工去世的丧葬费上哪领", "pension-survivor", "location", "社保", region="370682"),
        polite("唉，谢谢你啊"),
    )),
    "a second-hand home: steps, papers, time, the water meter, who does it, and the steps once more": (None, (
        about("买二手房从头到尾怎么办", "life-second-hand-home", "process", "网签", "过户"),
        about("都要备啥材料", "life-second-hand-home", "materials", "居民身份证"),
        about("一共要多久", "life-second-hand-home", "time_limit", "个工作日"),
        about("那过户水表要带啥", "water-transfer", "materials", "房屋权属证明"),
        about("要钱不", "water-transfer", "fee", "不收费"),
        about("买二手房一件事都要找谁办", "life-second-hand-home", "location", "税务"),
        about("一共分几步", "life-second-hand-home", "process", "第一步"),
    )),
    "a retirement in dialect: steps, papers, time, medical insurance and housing fund": (None, (
        about("退休从头到尾咋办", "life-retirement", "process", "申请退休"),
        about("都得带么", "life-retirement", "materials", "居民身份证"),
        about("最长得多大会儿", "life-retirement", "time_limit", "个工作日"),
        about("医保在职转退休使钱不", "medical-retire", "fee", "不收费"),
        about("退休取公积金要带啥", "fund-retire", "materials", "居民身份证"),
        about("网上能办不", "fund-retire", "online", "爱山东"),
        polite("中，没别的事了，谢谢"),
    )),
    "a hurried caller out of work in Weihai, a policy between, then a person": ("371000", (
        about("失业了都要办哪些手续", "life-unemployed", None, "失业登记", "失业保险金"),
        about("失业登记带啥", "unemployment-registration", "materials", "身份证"),
        about("要钱不", "unemployment-registration", "fee", "不收费", region="371000"),
        about("零跑腿是啥意思", "policy-run-once", None, "一趟"),
        about("失业金几天能批", "unemployment-benefit", "time_limit", "10个工作日"),
        about("失业一件事都要备啥材料", "life-unemployed", "materials", "身份证"),
        Say("转人工", "handoff"),
    )),
    "a wedding, a policy between, and back by the item's name": (None, (
        about("结婚登记要带啥", "marriage-registration", "materials", "合影"),
        about("容缺受理是啥意思", "policy-missing-papers", None, "主要材料"),
        about("那结婚登记要钱不", "marriage-registration", "fee", "不收费"),
        about("青岛呢", "marriage-registration", "fee", "青岛", "不收费", region="370200"),
        about("结婚证丢了补领要带啥", "marriage-certificate-reissue", "materials", "身份证"),
        about("要钱不", "marriage-certificate-reissue", "fee", "不收费", region="370200"),
    )),
    "a policy between, and back by the facet alone, for a policy has neither papers nor a price": (None, (
        about("补身份证要多少钱", "id-card-reissue", "fee", "40"),
        about("一次办好是啥意思", "policy-yicibanhao", None, "群众满意"),
        about("那要带啥", "id-card-reissue", "materials", "居民户口簿"),
        about("烟台呢", "id-card-reissue", "materials", "居民户口簿", region="370600"),
        polite("行，知道了，谢谢啊"),
    )),
    "an unknown matter, a ticket begun and dropped, then a passport": (None, (
        Say("海员证咋办", "not_found", options=OFFERS),
        Say("登记工单", "ticket_form"),
        Say("算了不登记了", "smalltalk"),
        about("办护照多少钱", "passport-first", "fee", "120"),
        about("要带啥", "passport-first", "materials", "身份证"),
        about("潍坊呢", "passport-first", "materials", "潍坊", "身份证", region="370700"),
        polite("没事了，再见"),
    )),
    "a stolen card that is to be made anew is no alarm: Heze, in dialect": (None, (
        polite("恁好"),
        about("俺身份证叫小偷偷了，得咋补哎", "id-card-reissue", "process", "派出所", lacks=("110",)),
        about("使钱不", "id-card-reissue", "fee", "40"),
        about("多咱能拿着", "id-card-reissue", "time_limit", "60"),
        about("俺在菏泽哩", "id-card-reissue", "time_limit", "菏泽", "60", region="371700"),
        about("临时身份证使多少钱", "id-card-temporary", "fee", "10", region="371700"),
    )),
    "a passport, the price of an identity card not yet chosen, the choice, and the passport again": (None, (
        about("护照丢了咋补", "passport-renew", "process", "出入境"),
        about("多少钱", "passport-renew", "fee", "120"),
        Say("再问个事，身份证怎么办", "clarified"),
        Say("那要多少钱", "clarified"),
        about("丢失补领的那个", "id-card-reissue", "fee", "40", lacks=("120",)),
        about("回到护照，丢了补办要几天", "passport-renew", "time_limit", "15"),
        about("烟台呢", "passport-renew", "time_limit", "15", region="370600"),
    )),
}

CALLS: dict[str, tuple[Say, ...]] = {
    "an old caller: a passport, Yantai, a wedding, once more, an identity card by choice": (
        Say("喂，俺问问护照丢了补一个多少钱", "answered", has=("120",)),
        Say("烟台呢", "answered", has=("烟台", "120")),
        Say("结婚登记带啥", "answered", has=("合影",)),
        Say("*", "repeated", has=("烟台", "120")),
        Say("身份证怎么办", "clarified", has=("还是", "丢"), lacks=("一是",)),
        Say("丢失补领的那个", "answered", has=("派出所",)),
        Say("那要多少钱", "answered", has=("40",), lacks=("120",)),
        Say("谢谢，再见", "smalltalk"),
    ),
    "a hurried caller: a restaurant's steps, papers and longest time, a step of it, a policy, and its papers again": (
        Say("开个馆子从头到尾怎么办", "answered", has=("第一步", "营业执照")),
        Say("都要备啥材料", "answered", has=("居民身份证",)),
        Say("一共要多久", "answered", has=("个工作日",)),
        Say("那办健康证要带啥", "answered", has=("身份证",), lacks=("营业执照",)),
        Say("去哪办", "answered", has=("疾控",)),
        Say("一次办好是啥意思", "answered", has=("群众满意",)),
        Say("开餐馆都要备啥材料", "answered", has=("个体工商户登记申请书",)),
    ),
}


def differences(say: Say, turn: dict[str, Any], words: str) -> list[str]:
    """Return what is not as it must be in one turn."""
    wrong = [f"{name} is {turn.get(name)!r}, not {wanted!r}"
             for name, wanted in (("outcome", say.outcome), ("item", say.item), ("facet", say.facet)) if turn.get(name) != wanted]
    if say.region and turn.get("region") != say.region:
        wrong.append(f"region is {turn.get('region')!r}, not {say.region!r}")
    if say.options and turn.get("options") != say.options:
        wrong.append(f"offers {turn.get('options')}, not {say.options}")
    if say.outcome == "clarified" and not 2 <= len(turn.get("options") or []) <= 4:
        wrong.append(f"asks back with {turn.get('options')}")
    return wrong + word_differences(say, words)


def word_differences(say: Say, words: str) -> list[str]:
    """Return the words that are missing from a reply and those that should not be there."""
    return [f"no {word}" for word in say.has if word not in words] + [f"has {word}" for word in say.lacks if word in words]


def told(position: int, say: Say, words: str, wrong: list[str]) -> str:
    """Return one turn that went wrong, as a reader of the failure wants to see it."""
    return f"{position}. {say.text} -> {words}\n   {'; '.join(wrong)}"


@pytest.mark.parametrize(("region", "story"), STORIES.values(), ids=STORIES)
def test_a_dialogue_keeps_to_what_the_caller_means(product: Product, region: str | None, story: tuple[Say, ...]) -> None:
    chat, failed = product.chat(region), list[str]()
    for position, say in enumerate(story, 1):
        turn = chat.say(say.text)
        if wrong := differences(say, turn, turn["said"]):
            failed.append(told(position, say, turn["said"], wrong))
    assert not failed, "\n" + "\n".join(failed)


@pytest.mark.parametrize("story", CALLS.values(), ids=CALLS)
def test_a_dialogue_by_telephone_stays_speakable(product: Product, ivr_key: str, story: tuple[Say, ...]) -> None:
    call, failed = product.call(ivr_key), list[str]()
    for position, say in enumerate(story, 1):
        turn = call.turn(dtmf=say.text) if len(say.text) == 1 else call.say(say.text)
        prompt = turn["prompt"]
        wrong = word_differences(say, turn["text"]) + [f"has {word!r}" for word in UNSPEAKABLE if word in prompt]
        wrong += [f"outcome is {turn['outcome']!r}, not {say.outcome!r}"] if turn["outcome"] != say.outcome else []
        wrong += [f"{len(prompt)} characters"] if len(prompt) > LISTENED else []
        if wrong or turn["action"] != "continue":
            failed.append(told(position, say, prompt, [*wrong, f"action {turn['action']}"]))
    assert not failed, "\n" + "\n".join(failed)
