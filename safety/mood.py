"""How a caller feels about this conversation: calm, angry at us, or distressed.

Words are weighed; nothing is learnt. What is told in strong words about somebody else is a matter for a ticket, not a mood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Sequence

from zh.normalise import normalise

Mood = Literal["calm", "angry", "distressed"]
THRESHOLD = 3
IRRITATED = 2  # the heat of a message that is angry in words not listed here
_END = r"(?=$|[,。!?;~]|啊|吧|呀|呢|吗|嘛|哦|了|算)"
_INSULT = (
    rf"(?:傻[逼比叉子瓜冒]?{_END}|蠢[货猪蛋]?{_END}|笨[蛋死猪]|废物|垃圾{_END}|饭桶|猪{_END}|狗{_END}|混蛋|王八蛋|白痴|智障|弱智|"
    rf"神经病{_END}|骗子{_END}|吃(?:干|白)饭|什么(?:东西|玩意)|啥(?:东西|玩意)|有(?:毛)?病{_END}|有什么用|有啥用|一点用(?:都|也)没|"
    rf"没[有]?(?:一点|半点)?用{_END}|脑子(?:有|进|坏|不)|(?<!是)不是(?:个)?(?:人|东西){_END}|没脑子|丢人|该死)")
_US = (
    r"(?:12345|(?:这个?|你们?这?个?|什么|啥)(?:破|烂|狗屁|垃圾|鬼|傻)*"
    r"(?:热线|机器人|智能助手|助手|人工智能|客服|接线员|话务员|座席)|你(?!们))")
_YOU = (
    r"(?:你们?(?:这)?(?:帮|群|些|个|破|种)*(?:人|家伙|东西|客服|机器人|热线|12345|助手|系统|平台|智能|人工智能)*|"
    rf"{_US})")

Weighed = tuple[int, "re.Pattern[str]"]
# Said to us, or of us: enough by itself.
_ANGRY: Sequence[Weighed] = (
    (3, re.compile(
        rf"{_YOU}(?:真的?|就|都|全|也|他妈的?|简直|完全|是不是|到底|怎么|这么|还|可真|太|才|他娘的|[,]){{0,4}}(?:是|算)?(?:个|"
        rf"一[群帮堆个]|不是)?{_INSULT}")),
    (3, re.compile(
        rf"(?:投诉|举报|告)(?:一下|死)?(?:你们?(?:这)?(?:个)?(?:热线|12345|平台|客服|机器人|话务员|接线员|座席|人|破热线|领导|"
        rf"单位)*(?:的?(?:态度|服务)|{_END})"
        r"|12345(?!热线?(?:电话|号码)))")),
    (3, re.compile(
        r"你(?:个|这个)?(?:破|烂|傻|死|狗屁|垃圾|鬼)(?:机器|玩意|东西|人工智能|热线|客服|电话|系统)|(?:破|烂|狗屁|垃圾|"
        r"鬼)(?:机器人|热线|人工智能|客服|12345)")),
    (3, re.compile(
        r"(?:听不懂|能不能听懂|会不会说|会说|说|讲)人话|你(?:耳朵)?聋|耳朵聋了|你(?:他妈|tmd|特么|妈的)|(?:操|草|日|艹|滚)你|"
        r"去你(?:妈|大爷|娘)|你(?:妈|大爷|娘)的|滚(?:蛋|开|犊子"
        r"|远)|^滚[!。]*$|你去死")),
    (3, re.compile(
        r"(?:你们?|12345)(?:这)?(?:热线|客服|机器人)?(?:就|都|尽|净|只)?(?:会|知道|是在?)?(?:敷衍|糊弄|忽悠|耍|骗|玩)(?:我|俺|人|"
        r"老百姓|谁|群众)")),
    (3, re.compile(r"(?:你们?|12345)(?:这)?(?:热线|客服|机器人)?(?:就|都)?是?(?:个)?(?:摆设|形式主义|废物|白养|白拿工资|吃闲饭)")),
    (2, re.compile(
        r"你(?:到底|究竟)?(?:懂不懂|会不会|能不能听|听没听|听不听|有没有(?:脑子|在听)|听得懂)|(?:什么|啥)(?:破|烂)?(?:回答|答案|"
        r"玩意|态度|服务)|答非所问|驴唇不对马嘴|一问三不知|"
        r"(?:别|少)(?:跟我|给我)?(?:废话|扯|绕|来这套|打官腔)|说(?:的)?(?:都是|全是)?(?:废话|屁话)|浪费(?:我|俺)的?时间|(?:问|"
        r"说)了?(?:几|八|好几|多少|几十|一百|三|四|五)+[遍次回]了?")),
    (2, re.compile(r"他妈|妈的|tmd|特么|傻逼|傻比|煞笔|(?<![a-z])sb(?![a-z])|王八蛋|混蛋|狗东西|狗日|草泥马|放屁|狗屁|操蛋|妈了个|他娘的|日了狗")),
    (2, re.compile(
        r"气死(?:我|俺|人)|气炸|火大|(?:我|俺)(?:真|很|太|都)?(?:火了|生气|来气|恼火|窝火)|受够了|忍无可忍|烦死(?:了|我|人)|"
        r"太(?:气人|过分|欺负人)|忍不了|没完了|有完没完|够了!|真(?:是)?(?:服|无语)了")),
)
_DISTRESSED: Sequence[Weighed] = (
    (3, re.compile(
        r"(?:我|俺|人|快|要|都)(?:真的?|快要?|要|都|就|已经|心态|实在){0,3}(?:崩溃|疯了|撑不住|扛不住|垮了|绝望)|走投无路|"
        r"叫天天不应|(?:呜){2,}|(?:嘤){2,}|以泪洗面|欲哭无泪|天(?:都|要|就)?塌了")),
    (3, re.compile(
        r"(?:急|愁|吓|难受|委屈|气|怕|慌)得?(?:我|俺)?(?:直|都|一直|快|光|要|就|天天|整夜){0,2}(?:哭|掉(?:眼)?泪|流泪|发抖|哆嗦|"
        r"睡不着)|(?:我|俺)(?:天天|一直|都|正在?|就|"
        r"在家|整天|光|偷偷|这几天){0,3}(?:哭|掉眼泪|流泪)(?!穷|笑)")),
    (3, re.compile(
        r"(?:我|俺|一个人)(?:现在|真的?|一个人|在家|心里|又|很|好|特别|太|非常|实在|有点){0,4}(?:害怕|无助|孤单|恐慌|心慌|绝望)|"
        r"求(?:求)?(?:你们?|您|政府).{0,4}救救|(?:谁|"
        r"有没有人|求人)能?(?:来)?(?:救救|帮帮)(?:我|俺)")),
    (3, re.compile(
        r"(?:日子|生活|这个家)(?:真|实在|都|是|没法|太|快|要|已经){0,3}(?:过不下去|没法过|散了|过不了)|活(?:得|着)?(?:太|真|"
        r"好)(?:难|苦)|没(?:有)?(?:一点)?(?:盼头|指望)了")),
    (2, re.compile(r"求求(?:你|您)|(?:我|俺)求(?:你|您)了")),
    (2, re.compile(r"(?:给|跟)(?:你|您)们?(?:跪|磕头)")),
    (2, re.compile(
        r"(?:实在|真的?|真是|一点)(?:是)?(?:没有?|想不出)?(?:一点)?(?:没|没有)?(?:办法|法子|辙|招|法)了|不知道(?:该)?(?:怎么办|"
        r"咋办)(?:才好|好了)")),
    (2, re.compile(r"帮帮(?:我|俺)吧")),
    (2, re.compile(r"睡不着|心里(?:堵|难受|憋|慌)|愁死(?:我|俺|了)|憋屈|委屈死|孤儿寡母|无依无靠|举目无亲|揭不开锅")),
)
# Somebody else is spoken of, or quoted: the words are about them.
_OTHERS: Sequence[Weighed] = (
    (-2, re.compile(
        r"物业|邻居|楼上|楼下|隔壁|对门|公司|老板|单位|施工|工地|装修|商家|商场|超市|饭店|餐馆|酒店|医院|医生|学校|老师|幼儿园|"
        r"培训|机构|房东|中介|开发商|快递|外卖|村委|村里|村长|书记|居委|街道办|城管|"
        r"交警|派出所|窗口|工作人员|办事员|公交|司机|出租|网约车|ktv|烧烤|广场舞|噪音|油烟|污水|停电|停水|暖气|供热|燃气|自来水|"
        r"下水道|路灯|井盖|垃圾(?:桶|站|车|堆|没|成|清)|工资|欠薪|退款|退钱|退费|诈骗|"
        r"骗了|骗走|违建|占道|停车|流浪狗|养狗|遛狗|狗叫|前夫|前妻|老公|婆婆|车主|摊贩|业主|健身房|理发|美容|房子漏水|漏水|漏雨|"
        r"银行|移动|联通|电信|加油站|驾校|厂")),
    (-4, re.compile(
        r"(?:骂|吼|辱骂|威胁)(?:我|俺|人|老人|孩子|客户|他|她)|(?:说|喊|叫)(?:我|俺|老人|孩子)(?!说)|对(?:我|方)说|(?:他|她|"
        r"他们)(?:说|骂|喊)")),
)
_MATTER_AND_ALL = 60  # characters; who tells this much tells a matter


@dataclass(frozen=True)
class Heard:
    """The mood of a message; `heat` is to be given to the next one: who is irritated twice in a row is angry."""

    mood: Mood
    heat: int = 0


def hear(text: str, heat: int = 0) -> Heard:
    """Weigh a message as it was said or written. Never raises."""
    said = normalise(text).lower()
    others = sum(weight for weight, pattern in _OTHERS if pattern.search(said)) - (1 if len(said) > _MATTER_AND_ALL else 0)
    anger, distress = _weight(_ANGRY, said), _weight(_DISTRESSED, said)
    at_us = any(weight >= THRESHOLD and pattern.search(said) for weight, pattern in _ANGRY)
    anger += min(0, others) if not at_us or others <= -4 else 0
    if anger >= THRESHOLD or (anger > 0 and anger + heat >= THRESHOLD):
        return Heard("angry", anger)
    if distress + others >= THRESHOLD:
        return Heard("distressed", 0)
    return Heard("calm", max(0, anger))


def _weight(lexicon: Sequence[Weighed], said: str) -> int:
    return sum(weight for weight, pattern in lexicon if pattern.search(said))
