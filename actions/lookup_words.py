"""What a caller says about a ticket that exists: which wish, a no to it, a clear yes, words to add. Normalised text."""

from __future__ import annotations

import re

# Tried in this order: 撤了别催了 is about withdrawing, 不满意再补充一下 about adding.
_WISHES = (
    ("withdraw", re.compile(r"撤(?:回|销|消|诉|单|掉|了|吧|下|$)|取消.{0,6}(?:工单|单子|投诉|举报|诉求|求助)|作废")),
    ("supplement", re.compile(r"补充|追加|再加|添")),
    ("urge", re.compile(r"催|加急|督办")),
    ("rate", re.compile(r"评价|打分|满意|[好差]评")),
    ("progress", re.compile(r"进度|进展|结果|到哪|查.{0,4}(?:工单|单子)|办得?(?:怎么|咋)样")),
)
_RATES = re.compile(r"评价|打分|[好差]评")
_WITHDRAWS = re.compile(r"[撤销消关退车废]|取消|不|算了|别")
_DOES = r"(?:撤|取消|作废|销(?:掉|了)|催|补充|评价|打分)"
# What may stand between the no and the act: 先别给我撤, 不想再催.
_BETWEEN = r"(?:再|先|想|去|急着|着急|打算|说|给|让|叫|把|帮|我|俺|你们?|他们?|工单|单子|投诉|那个|这个|是|要)*"
# A plain 不 refuses only to withdraw (你们不催他们不办 asks for urging); 能不能撤, 要不要撤 and 怎么还不撤 are questions.
_DECLINED = re.compile(
    rf"(?:别|甭|不用|不要|不必|不想|不打算|没[说想让叫要]|(?<!是)不是|谁[说让叫])(?<!用不用)(?<!要不要)(?<!想不想){_BETWEEN}{_DOES}"
    rf"|(?<![能可要是想用撤还么咋])不{_BETWEEN}(?:撤|取消)|不(?:催|补充|评价)了")
_YES = re.compile(
    r"(?:是的?|对的?|好的?|行|中|管|成|可以|没错|没问题|就是|要|确定|确认|同意|那就?"
    r"|给我|帮我|我要?|俺要?|请|麻烦|把|这个|那个|它|工单|单子|投诉|举报|撤销|撤回|撤单|撤掉|撤|了|吧|啊|呀|哈|OK|ok|,|。|!)+")
_NEEDED = re.compile(r"[是对好行中管成撤要]|可以|没错|没问题|确[定认]|同意|OK|ok")
_EXPLICIT = re.compile(r"撤|确[定认]")
_HESITATES = re.compile(r"[不别没甭等先但想]|再说|万一|如果|要是")
_CLAUSES = re.compile(r"[,。!;]")
_ASKS_WITHDRAWAL = re.compile(r"撤|恢复|反悔|取消")
_ASKS = re.compile(r"[?？]|吗|么|呢$|不$|怎么|咋|什么|啥|为何|哪|能不能|可不可以|还能")
_ANOTHER = re.compile(r"另外?(?:一|那|的)?[个张条]|(?:别的|其他的?|换一?[个张条])(?:工单|单子|单)|不是这[个张条]")
_UNKNOWN = re.compile(
    r"不知道|知不道|不(?:太)?清楚|不晓得|忘|记不[住得清]|不记得|没(?:有|给我?|收到)?(?:工单|单子?)?(?:编号|号|记|存|查询码)(?!机)|找不[到着]|想不起|查不到|弄丢|丢了"
    r"|^(?:我|俺)?(?:没有?|没了|没有了)[,。]?$")
_NOTHING = re.compile(r"(?:没有?|没别的|没啥|没什么|(?:先)?不用?|不要|不必|别)(?:了|补充了?|加了?|说了|要补充的了?)?[吧啊,。]*|算了[吧啊,。]*")
# The wish and no word more: where words to add are awaited, only this is not one of them.
_BARE_WISH = re.compile(
    r"(?:那就?|再|先|还是|请|麻烦|我要|我想|帮我|给我)*(?:催(?:一下|一催|催|办|单)?|撤(?:回|销|单|掉|了)?"
    r"|补充(?:一下|点情况)?|评价(?:一下)?|查(?:一下)?(?:进度|工单))[吧了呗啊,。]*")
_ADDING = re.compile(
    r"^.{0,12}?(?:补充|追加|添|加|补(?=[一两几][句条点]))(?:一下|[一两几][句条点]|点|个情况|情况|内容|材料|说明|上)*[,:。 ]*"
    r"|[,。]?(?:麻烦|请|也|一并|都)?(?:给|帮)?(?:我|俺)?(?:补充|追加|添|加|写|补|更新)(?:到|进|上|在|里).{0,12}$")
# What is left of 补充到那个单子里, 加点新情况 once the asking is taken off: nothing yet to write down.
_NO_CONTENT = re.compile(
    r"(?:[到进给在我俺你您那这个张条份的里面头边上去吧呢吗啊了一两几点句下有新要想还得能把,。?]|上回|上次|之前|昨天|刚才|原来|投诉|举报|诉求|求助|建议|工单|单子"
    r"|信息|材料|证据|照片|录音|视频|联系|电话|手机|号码?|车牌|门牌|名字|姓名|地址|时间|日期|经理|老板|工友|儿子|邻居|说明|内容|情况|东西|行不行|可以|能不能|怎么弄|怎么补|中不)*")
_SHORTEST = 3  # characters that can tell something


def wish_in(text: str) -> str | None:
    """Return the wish that the words themselves name (progress, urge, supplement, withdraw, rate), refused ones left out."""
    rest = _DECLINED.sub("", text)
    return next((wish for wish, pattern in _WISHES if pattern.search(rest)), None)


def withdraws(text: str) -> bool:
    """Return whether a text that was taken for a withdrawal holds any word of one: 我的工单 does not."""
    return bool(_WITHDRAWS.search(text))


def rates(text: str) -> bool:
    """Return whether the words themselves ask to rate and for nothing that comes before it: 我要评价我的工单."""
    return wish_in(text) == "rate" and bool(_RATES.search(text))


def declines(text: str) -> bool:
    """Return whether the caller says not to: 别撤销, 先不撤了, 不用催."""
    return bool(_DECLINED.search(text))


def consents(text: str) -> bool | None:
    """Return True for a clear yes to withdrawing, None for a question about it, False for everything else."""
    if declines(text):
        return False
    if _ASKS.search(text):
        return None if _ASKS_WITHDRAWAL.search(text) else False
    if _YES.fullmatch(text):
        return bool(_NEEDED.search(text))
    # 路灯修好了,撤吧 is clear too, as long as no clause takes it back.
    return not _HESITATES.search(text) and any(_YES.fullmatch(clause) and _EXPLICIT.search(clause) for clause in _CLAUSES.split(text))


def another(text: str) -> bool:
    """Return whether another ticket is meant than the one talked about."""
    return bool(_ANOTHER.search(text))


def cannot_say(text: str) -> bool:
    """Return whether the caller does not have what was asked: 忘了, 没有编号."""
    return bool(_UNKNOWN.search(text))


def nothing_to_add(text: str) -> bool:
    """Return whether the caller takes back that he wanted to add something."""
    return bool(_NOTHING.fullmatch(text))


def bare_wish(text: str) -> str | None:
    """Return the wish of a text that says nothing else (催一下; 别撤,先催一下), None for any other text."""
    rest = _DECLINED.sub("", text).strip(",。")
    return wish_in(rest) if _BARE_WISH.fullmatch(rest) else None


def words_to_add(text: str) -> str | None:
    """Return what a wish to add brings along to be added, None when it only wishes."""
    rest = _ADDING.sub("", text)
    told = rest != text and len(rest) >= _SHORTEST and not _NO_CONTENT.fullmatch(rest)
    return rest.strip(",。") if told else None
