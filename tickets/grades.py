"""Which of the five grades (国办发〔2019〕51号) a caller gives, by word or by key, and whether he says why. Works on normalised text."""

from __future__ import annotations

import re

from tickets.vocabulary import Grade
from zh.numerals import digit_runs

# Tried in this order: 不满意 holds 满意, and 不是很满意 is no praise. Taking blame for praise would close the matter.
_GRADES = (
    (Grade.VERY_BAD, re.compile(r"(?<!不是)(?<!不算)(?:非常|特别|十分|极其|很)(?:的|地)?不满意")),
    (Grade.BAD, re.compile(r"(?:不|没|谈不上)(?:是|算|怎么|咋)?(?:太|很|大|多|非常|特别|十分|完全)?(?:的)?满意|差评")),
    (Grade.FAIR, re.compile(r"基本满意|(?:还算|比较)满意|还行|还可以|一般|凑合|过得去")),
    (Grade.VERY_GOOD, re.compile(r"(?:非常|特别|十分|很|太|相当)(?:的|地)?满意")),
    (Grade.GOOD, re.compile(r"满意|好评")),
)
_CLAUSES = re.compile(r"[,。!;?]")
# What a reason is told with; without any of it a clause says nothing that could be mended.
_TELLS = re.compile(r"[不没坏漏欠骗拖慢差脏乱吵堵破停晚推]|态度|敷衍|糊弄|还是|仍|老样子|又|再次|假|催了|等了")
_NO_REASON = re.compile(r"评价|打分|工单|单子|进度|查一|知道|清楚|记得|记不|手机|尾号|号码|编号|谢谢|再见")
_UNWILLING = re.compile(
    r"(?:我|俺|就|也|这个|那|哎|唉|嗯)*(?:不想说|不愿意?说|不方便说|不便说|不说|不讲|不告诉|懒得说|说不上来?|说不好|不好说|不知道|不为什么|不用|不必|不要|不了|没有?|没了"
    r"|没(?:有)?(?:什么|啥)?(?:原因|理由|可说的|好说的)|没(?:什么|啥)|算了|别问了?|随便|就是不满意|就这样)(?:了|吧|啊|呀|呢|哈|谢谢|[,。!])*")
_PARTING = re.compile(r"(?:好的?|行|嗯|那|就|这样|谢谢|再见|拜拜|先挂了?|挂了|吧|啊|了|您|你|[,。!])+")
_CORRECTS = re.compile(r"(?:说|按|点|选|评|搞|弄)错了?|^不对|我是说|^应该是|改成|改为")
_SHORT = 15  # characters; who says more than this tells what happened
_MOST = 200  # characters of a reason


def grade_in(text: str) -> Grade | None:
    """Return the grade that a text names, None when it names none."""
    return next((grade for grade, pattern in _GRADES if pattern.search(text)), None)


def grade_of_key(keys: str) -> Grade | None:
    """Return the grade that a key stands for on the phone: 1 非常满意 to 5 非常不满意; None for any other keys."""
    keys = keys.strip("*#")
    return list(Grade)[int(keys) - 1] if re.fullmatch(r"[1-5]", keys) else None


def corrected_grade(text: str) -> Grade | None:
    """Return the grade of a text that takes another one back (说错了，是满意), None for any other text."""
    return grade_in(text) if len(text) <= _SHORT and _CORRECTS.search(text) else None


def reason_told(text: str) -> str:
    """Return why, out of a text that names a grade (路灯还是不亮,我不满意); empty when nothing in it tells."""
    kept = [clause for clause in _CLAUSES.split(text)
            if len(clause) >= 4 and _TELLS.search(clause) and not (grade_in(clause) or _NO_REASON.search(clause) or digit_runs(clause))]
    return ",".join(kept)[:_MOST]


def reason_answered(text: str) -> str:
    """Return why, out of the answer to that question; empty when he would rather not say."""
    clauses = [clause for clause in _CLAUSES.split(text) if clause.strip()]
    tells = any(not (_UNWILLING.fullmatch(clause) or _PARTING.fullmatch(clause)) for clause in clauses)
    return text.strip(",。 ")[:_MOST] if tells else ""
