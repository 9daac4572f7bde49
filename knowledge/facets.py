"""Which part of an item a question is about: what to bring, how long, what it costs …"""

from __future__ import annotations

import re

from knowledge.model import Facet

# Tried in this order; the first that speaks wins, so the narrower question stands before the wider one.
# Sources of the words: how callers ask, with Shandong's 啥 and 咋 folded to 什么 and 怎么 by `spoken`.
_PATTERNS: tuple[tuple[Facet, str], ...] = (
    ("phone", r"(联系|咨询|办公|服务|值班)?(电话|号码)(是|号|多少|几|打|呢|有)|(打|拨)(哪个|什么|几号|个什么)?电话(问|咨询)|打哪个(电话|号)|(什么|哪个|多少)电话|怎么联系"),
    ("hours", r"几点(上班|下班|开门|关门|开始|能办|到几点|可以)?|(周末|周六|周日|礼拜天|礼拜六|星期天|星期六|星期日|节假日|中午|放假)(上班|办|开|有人|能|可以|休|也|的时候|不|去)|上班时间|办公时间|营业时间|工作时间|上不上班|(什么时候|几时)(上班|开门|下班)"),
    ("visits", r"跑(几|多少)(趟|次|回)|(几|多少)(趟|回)|去(几|多少)次|来回跑|(一次|一趟)(能|就能|就|可以|够)|(白|多|再|还得|还要)跑(一)?(趟|回)|跑(一|两)趟"),
    ("fee", r"多少钱|(要|收|花|交|得|需要|用|还)(不要|不|没)?(不)?(收|要|花|交)?(费|钱)|费用|收费|免费|工本费|手续费|几块钱|多少块|(贵|便宜)(不贵|不|吗|么)|什么价|价格|花多少|交多少|收多少|掏钱|掏多少"),
    ("time_limit", r"多久|多长时间|几天|多少天|几个(工作日|月|星期|礼拜|小时|钟头)|什么时候(能|可以|才能|才|办|拿|下来|到账|出|批|给)|啥时候|时限|当天(能|就|可以|拿)|当场(能|就|可以|拿)|(等|得|要)(多久|几天|多长)|多快|时间(要|需要)?多长|哪天能|(几|多少)个?工作日|最快|(立等|马上)(可取|能拿)"),
    ("basis", r"(什么|哪个|哪条|哪部|哪项)(依据|法律|法规|规定|条例|文件|法|政策)|(法律|政策|文件|规定)?依据|凭什么|根据(什么|哪)|哪里规定|法律规定|有(没有|无)?(文件|规定)"),
    ("materials", r"(带|拿|准备|交|提供|需要|要|得|备|用|递|缺)(好|上|些|点|着|齐)?(什么|哪些|哪几样|几样|多少)(样|种)?(材料|东西|证件|资料|手续|证明|的|证|件)?(?!时候|时间|地方|钱|费|流程|条件|程序)|(什么|哪些|哪几样|啥)(材料|证件|资料|证明|手续)|材料|资料|证件|手续(要|有|都|齐|是什么|需要)|(带|拿|用|要|需要)(不用|不)?(带|拿|要)?(户口本|户口簿|身份证|照片|结婚证|复印件|原件)|几张照片|原件|复印件"),
    ("online", r"网上|网办|线上|手机(上)?(能|可以|办|怎么|就|操作|弄)?|爱山东|app|APP|小程序|微信(上)?(能|可以|办)|支付宝(上)?(能|可以|办)|不(用|想)?(跑|去)(现场|大厅|窗口)|在家(能|就能|就|可以|办|弄)|电脑上|邮寄|快递"),
    ("location", r"(在|去|到|上|往|跑)?(哪|哪里|哪儿|什么地方|哪个(地方|部门|窗口|大厅|单位|局|派出所|医院|所))(能|可以|里|儿|去)?(办|补|换|领|申请|交|拿|取|打|弄|开|查|报|登记|认定|缴|买|提|问|递|做|管|盖)|(在|去|到|上|往)(哪|哪里|哪儿|什么地方|哪个\w{0,4})|地址|什么地方|哪个窗口|哪里(办|有)|异地(能|可以|办)|外地(能|可以|办)|跨(省|市)|就近|找谁办|找哪个"),
    ("conditions", r"什么条件|(要|有)什么(要求|限制)|条件|资格|(符合|满足)(什么|哪)|(我|我们|这|这种|这样|他|她|老人|孩子)?(这种|这样)?(情况|的)?(能不能|可不可以|能否|可以|行不行)(办|申请|领|报|享受|提|贷|落)|(能|可以)(申请|领|享受|报销|提取|贷|办|落)\w{0,6}(吗|么|不)|够不够|算不算|多大(岁数|年龄)?(能|才能|可以)|(几|多少)岁(能|才能|可以)?|谁(能|可以)(办|申请|领)|什么人(能|可以)"),
    ("result", r"(有效期|管)(是|有)?(多久|几年|多少年|多长)?|有效期|(拿|领|发|给|得)(到|个)?(的是)?(什么证|什么本|什么结果)|办(完|好|下来)(了)?(是|有|给|发|拿)(个)?什么|(能|可以)用(几|多少)年|(几|多少)年(有效|到期|换)|发(个)?什么证"),
    ("process", r"怎么|怎样|如何|流程|步骤|程序|手续|先(办|去|干)什么|咋"),
)
_COMPILED = tuple((facet, re.compile(pattern)) for facet, pattern in _PATTERNS)
_SPOKEN = (("有效期是多久", "有效期"), ("啥时候", "什么时候"), ("啥", "什么"), ("咋", "怎么"), ("恁", "你们"), ("俺", "我"),
           ("多咱", "什么时候"), ("多昝", "什么时候"), ("弄么", "怎么"), ("能办不", "能办吗"), ("甚么", "什么"), ("么样", "怎么样"), ("哪搭", "哪里"))


def spoken(text: str) -> str:
    """Fold Shandong's everyday question words into the standard ones."""
    for colloquial, standard in _SPOKEN:
        text = text.replace(colloquial, standard)
    return text


def facet_of(text: str) -> Facet | None:
    """Return the facet that a normalised text asks about, None when it names none."""
    text = spoken(text)
    if re.search(r"有效期|管(几|多少)年|(几|多少)年有效", text):
        return "result"
    return next((facet for facet, pattern in _COMPILED if pattern.search(text)), None)


_STRIP = re.compile("|".join(f"(?:{pattern})" for facet, pattern in _PATTERNS if facet in ("fee", "time_limit", "visits", "hours"))
                    + r"|什么|怎么(办理|办|弄|整|样)?|哪里|哪儿|哪个|多少|请问|你好|您好|一下|我想|我要|想问|问问|咨询|需要|麻烦|那个|这个")


def without_question(text: str) -> str:
    """Return the text without the words of the question itself, so that what is left names the matter."""
    return _STRIP.sub(" ", spoken(text)).strip() or text
