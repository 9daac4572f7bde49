"""What callers say when they want something that is handled by rules of its own; texts are expected normalised.

The bot hears it, so that no look-alike of the knowledge base answers instead; tickets file it. Only plain wishes count: whoever
asks what 帮办代办 costs wants an answer, and a wish that is missed here still becomes an ordinary ticket.
"""

from __future__ import annotations

import re

_ME = r"(?:我们?|俺们?|咱们?)"
_FOR_ME = rf"(?:帮|给|替){_ME}?(?:家里?|家人|妈|爸|娘|爹|老人|公司|单位)?"
# Asking how it goes, telling how it went, or taking it back.
_NO_WISH = re.compile(r"怎么|咋|哪里|哪儿|在哪|去哪|找谁|谁管|啥|什么|几天|多久|多少|收不收|要不要|用不用|有没有|能不能|可不可以|吗|是不是|取消|退掉|"
                      r"不用|不想|别给|[约号](?:不[上了到]|满)|没号|约(?:好|过)了|查|改|黄牛|号贩|骗")
_OTHERS_BOOKINGS = re.compile(r"挂号|医院|门诊|专家|疫苗|体检|核酸|驾考|考试|科目|网约|景区|门票|图书馆|博物馆|餐|饭|理发")
_BOOKING = re.compile(
    rf"{_ME}(?:就|现在)?(?:想|要|得|打算|准备)(?:[^,。?!;]{{0,12}})(?:预约|约(?:个|一个)(?:号|时间))"
    rf"|{_FOR_ME}[^,。?!;]{{0,14}}(?:预约|约(?:个|一个|一下|上)(?:号|时间|[,。!]|$))"
    r"|^(?:想|要)?(?:预约|约(?:个|一个)(?:号|时间))(?:一下|个号|办理?|去|[,。!]|$)"
    r"|(?:想|要)约(?:个|一个)(?:号|时间)")
_ERRAND = re.compile(
    rf"(?:帮|替|给){_ME}[^,。?!;]{{0,12}}(?:代办|帮办|跑腿|跑一趟)"
    rf"|(?:想|要|需要|申请|请|麻烦)(?:找|请|让|用|你们|您|有|个|人|工作人员|帮办员|代办员|{_ME}){{0,4}}(?:帮忙|帮|替|给|来|上门|{_ME}){{0,4}}(?:代办|帮办|跑腿)"
    r"|(?:想|要|需要|申请|请|麻烦)[^,。?!;]{0,10}上门(?:给|帮|替)?[^,。?!;]{0,4}(?:代办|帮办|办理)")
_PAID_ERRAND = re.compile(r"代办(?:公司|中介|费|点)|中介|黑代办")
_BUSINESS = re.compile(
    rf"(?:{_ME}|要|想|来)[^,。?!;]{{0,8}}(?:投诉|反映|举报)[^,。?!;]{{0,12}}营商环境|{_ME}[^,。?!;]{{0,8}}营商环境[^,。?!;]{{0,8}}(?:投诉|太差|很差|不好|有问题)")
_MISSED = re.compile(
    r"(?:打|拨)[^,。?!;]{0,12}(?:没打通|打不通|没人接|没有人接|没接通|没接|占线|不通)|(?:没打通|打不通|没接通|占线)[^,。?!;]{0,4}(?:你们|12345|热线)"
    r"|(?:未接|没接(?:到|着|住|上)|漏接)[^。?!;]{0,10}(?:你们|12345|热线)|(?:你们|12345|热线)[^。?!;]{0,16}(?:未接|没接(?:到|着|住|上)|漏接)")
_OUR_LINE = re.compile(r"12345|热线|你们|你这|这个电话")
_CALL_ME = re.compile(rf"回(?:个|一个|一下)?(?:电话|电|拨)|(?:给{_ME})(?:回|打)|打(?:回来|过来|给{_ME})|回拨")
_POLICE = re.compile(
    r"110[^。?!;]{0,6}(?:转(?:过来|给|到|来)|(?:让|叫|建议)(?:我|俺)[^,。?!;]{0,4}(?:打|找|拨|联系))"
    r"|110[^。?!;]{0,8}说[^。?!;]{0,12}(?:归|找|打|该|属于)[^,。?!;]{0,4}(?:12345|你们|政府|热线)"
    r"|(?:报警|报了警|警察|民警|派出所)[^。?!;]{0,12}(?:让|叫)(?:我|俺)[^,。?!;]{0,3}(?:打|找|拨)[^,。?!;]{0,3}(?:12345|你们|热线)")
_BAD_RATING = re.compile(
    r"差评[^。?!;]{0,20}(?:没人|没有人|一直没|还没|没见|要求|请|希望)[^,。?!;]{0,6}(?:回访|联系|回复|理|找我|回电|核实)"
    r"|(?:评|打|给)[^,。?!;]{0,6}(?:不满意|非常不满意)[^。?!;]{0,16}(?:没人|没有人|一直没|还没|要求)[^,。?!;]{0,4}(?:回访|联系我)")
_ASKS = re.compile(r"听说|讲讲|能不能|找谁|怎么|咋|哪里|哪儿|是啥|什么|多久|几天|[吗不][?。!]*$|怎么分")


def special_request(text: str) -> str | None:
    """Return the queue that a normalised text plainly asks for (预约, 帮办代办 …), or None."""
    if _MISSED.search(text) and _OUR_LINE.search(text) and _CALL_ME.search(text):
        return "未接来电回拨"
    if _POLICE.search(text) and not _ASKS.search(text):
        return "110转办"
    if _BAD_RATING.search(text) and not _ASKS.search(text):
        return "差评回访"
    if _BUSINESS.search(text) and not _ASKS.search(text):
        return "营商环境投诉"
    if _NO_WISH.search(text):
        return None
    if _ERRAND.search(text) and not _PAID_ERRAND.search(text):
        return "帮办代办"
    return "预约" if _BOOKING.search(text) and not _OTHERS_BOOKINGS.search(text) else None
