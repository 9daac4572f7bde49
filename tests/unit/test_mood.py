"""Moods: who is angry at us or distressed goes to a person; who complains in strong words of others does not."""

from __future__ import annotations

import pytest
import yaml

from core.settings import ROOT
from safety.mood import Heard, hear

ANGRY = [
    "我要投诉你们", "我要投诉你们热线", "我要投诉12345", "我要投诉你", "投诉你们的服务态度", "你们这帮废物", "你是不是傻", "你个破机器人",
    "什么破热线", "你听不懂人话吗", "能不能说人话", "滚", "滚蛋", "去你妈的", "你他妈到底会不会办事", "你们就会敷衍我", "你们就是摆设",
    "你们12345有什么用", "你真是个废物", "你们都是吃干饭的", "你脑子有病吧", "你这个蠢货", "智障机器人，你是白痴吗", "你们真是一群饭桶",
    "你有毛病啊", "操你", "你聋了吗", "你这机器人真垃圾", "垃圾热线", "12345就是个摆设", "你们耍我呢，是不是耍我", "你们糊弄老百姓",
    "你们这客服什么玩意", "你这破系统一点用都没有，你有什么用", "你到底懂不懂，气死我了", "别跟我废话，气死我了", "答非所问，烦死了",
    "他妈的，问了八遍了", "说了几遍了还问，妈的", "你们忽悠人", "我举报你们", "你们热线糊弄谁呢", "傻逼，气死我了",
    "少给我打官腔，真是服了", "你就是个骗子", "你们这群混蛋",
]
DISTRESSED = [
    "我快崩溃了", "我真的要疯了", "我实在撑不住了", "呜呜呜我该怎么办", "我走投无路了", "急得我直哭", "我天天哭", "我一个人在家好害怕",
    "求求你们救救我们一家", "谁能帮帮我", "日子过不下去了", "活得太难了", "我心里难受，睡不着，实在没办法了", "求求您了，我实在没办法了",
    "我给您跪下了，求求您", "愁得睡不着觉，孤儿寡母的", "我们孤儿寡母，真的没办法了", "我天都塌了", "愁得我整夜睡不着", "我心态崩溃了",
    "俺真是没法子了，求求你", "家里揭不开锅了，求求您帮帮我吧", "我很无助", "委屈得我直掉泪", "没有盼头了", "叫天天不应叫地地不灵",
    "我整天以泪洗面", "帮帮我吧，我不知道咋办好了", "我害怕得发抖，吓得我直哆嗦", "这个家快散了，我不知道该怎么办才好", "我好绝望",
    "我快垮了，谁来帮帮我", "求求您了，我给您磕头了", "我心里憋得慌，实在没法子了", "天要塌了我怎么办", "愁得我直掉泪", "这日子真没法过了",
    "我真的好无助", "俺快疯了", "我就在家一直哭", "没有人救救我，求求您，救救我",
]
CALM = [
    "气死我了，楼上天天半夜装修", "他妈的物业收了钱不干活", "我要投诉物业", "我要投诉你们小区的物业", "我要举报一家黑作坊",
    "老板拖欠工资半年了，真是混蛋", "隔壁KTV吵得我快疯了", "医院的医生骂我是个傻子，我要投诉", "公交司机骂我滚蛋",
    "城管就是一群土匪，太欺负人了", "垃圾堆在楼下没人收，臭死了", "你们垃圾怎么还不收", "我打12345没人管，要投诉物业",
    "打110没人管我要投诉", "快递员说我有病，我要投诉他", "投诉电话是多少", "你们的投诉热线是多少", "我想投诉一下移动公司乱扣费", "气死我了",
    "烦死了", "笑死我了", "你好，身份证丢了怎么补", "你们几点上班", "你是真人吗", "你是机器人吗", "你会不会说英语", "你能干什么",
    "开发商骗子，退钱，受够了", "学校老师打孩子，太过分了，我忍无可忍", "前夫威胁我说你去死，怎么办理离婚",
    "噪音吵得我天天睡不着，求求你们管管吧", "求求您管管这路灯", "路灯坏了一个月没人修，愁死我了", "社保卡丢了急死我了",
    "下水道堵了，家里全是屎，恶心死了", "养狗的邻居傻逼一样，天天放狗咬人", "饭店的菜里有虫子，什么玩意", "银行卡被锁了烦死了怎么办",
    "开发商跑路了，我们业主都快崩溃了", "小区停水三天了，日子没法过了", "车被违停的堵了，真无语了", "驾校不退费，他妈的骗子公司",
    "这个办证要跑几次啊", "我说了三遍了，是历下区", "人工", "转人工", "生气", "失眠睡不着挂什么科", "废物回收怎么办理",
    "我公司注销太麻烦了，一次次跑窗口，受够了", "残疾证办理要什么条件，智障儿童有补贴吗", "弱智儿童上学怎么办", "神经病医院在哪里",
    "笨重家具怎么处理", "猪瘟疫苗哪里打", "狗证怎么办", "你真笨", "你到底是不是人", "你们热线的电话是多少", "举报你们村书记贪污",
    "你们市的社保局电话",
]


@pytest.mark.parametrize("text", ANGRY)
def test_who_insults_the_hotline_or_complains_of_it_is_angry(text: str) -> None:
    assert hear(text).mood == "angry"


@pytest.mark.parametrize("text", DISTRESSED)
def test_who_cannot_bear_it_any_more_is_distressed(text: str) -> None:
    assert hear(text).mood == "distressed"


@pytest.mark.parametrize("text", CALM)
def test_strong_words_about_others_and_plain_questions_are_calm(text: str) -> None:
    assert hear(text).mood == "calm"


def test_there_are_enough_sentences_on_both_sides() -> None:
    assert min(len(ANGRY), len(DISTRESSED), len(CALM)) >= 40


def test_irritation_twice_in_a_row_is_anger_and_a_calm_word_forgets_it() -> None:
    first = hear("气死我了")
    assert first == Heard("calm", 2)
    assert hear("真是烦死了", first.heat).mood == "angry"
    assert hear("身份证丢了怎么补", first.heat) == Heard("calm", 0)
    assert hear("气死我了", hear("身份证丢了怎么补", first.heat).heat).mood == "calm"


@pytest.mark.parametrize("text", ["", "?" * 2000, "\x00\u202e", "你" * 2000, "他妈的" * 600], ids=["nothing", "marks", "controls", "you", "swearing"])
def test_no_text_breaks_it(text: str) -> None:
    assert hear(text).mood in ("calm", "angry")


def test_the_calming_words_of_the_bot_tell_the_mood_and_offer_a_person_in_every_channel() -> None:
    responses = yaml.safe_load((ROOT / "bot/domain/smalltalk.yml").read_text(encoding="utf-8"))["responses"]
    assert {(said.get("channel"), said["custom"]["mood"], *said["custom"]["options"]) for said in responses["utter_anger"]} == {
        (None, "angry", "转人工"), ("ivr", "angry", "转人工")}
