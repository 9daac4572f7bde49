"""Several requests in one utterance: 身份证丢了咋补,还有居住证到期咋续. A situation told in several clauses is one request."""

from __future__ import annotations

import re
from typing import Callable, Sequence

from knowledge.facets import asking_spans, facet_of, matter_of, spoken
from knowledge.matching.encode import FUNCTION
from knowledge.model import Match

MOST = 3            # requests of one utterance
SHORTEST = 8        # characters of a text that may hold two
LONGEST = 160       # characters; who tells more tells a story
LEAST_MATTER = 2    # telling characters of a stretch that may name a matter
SURE = 0.9          # chance of a record from which a question names it although it says too little to be answered
LIKELY = 0.55       # chance of the first record, or
AMONG = 0.8         # of the choices together, from which a stretch to be asked back about names a matter
# Words that open something else. 还有几天, 第二个孩子 and 填对了 open nothing.
_OPENS = (r"(?:还有(?:一个|个|一件|件)?(?:事|问题)?(?![多几没什哪啥吗呢效人点两]|一[年月天])|另外(?![一的])|顺便|顺带|"
          r"(?:我|俺)?再问(?:一?下|问|个)?|再一个|再就是|"
          r"第二个(?![孩小娃宝月星季学])|(?<![^,。?!;])对了|(?:我|俺)?(?:还|也)想(?:问|打听|咨询)(?:一?下|问)?)[,:]?")
_CUT = re.compile(rf"(?P<mark>[,。?!;]*)(?P<opens>(?:{_OPENS})+)|(?P<also>以及)|(?P<stop>[,。?!;]+)")
# What begins so goes on with what was said before.
_GOES_ON = re.compile(r"(?:那么?(?!个)|这|它|他|她|其|这样|然后|之后|以后|完了|办完|如果|要是|不然|否则|所以|结果|但|可是|不过|因为|就是|只是|"
                      r"是不是|是否|要不要|需不需要|需要|用不用|必须|得|还要|还得|还需|还用|也要|也得|都|光|只|凭|拿着|用|带着?|没有?|不|"
                      r"能不能|可不可以|可以|能|还能|要(?![办补换])|多久|多少|几|到底|一共|总共|比如|或者|还是)")
_ALTERNATIVE = re.compile(r"还是|或者|二选一|区别|一块儿?办|一起办|同时办")
_OPEN_QUESTION = re.compile(r"怎么|什么|哪|多少|多久|几")  # 要体检吗 and 能代办吗 ask about what was spoken of
_WANTS = re.compile(r"[?？]|怎么|什么|想(?:要)?(?:办|补|换|申请|查|领|开|取|交)|要(?:办|补|换)")


def requests(text: str, match: Callable[[str], Match]) -> tuple[str, ...]:
    """Return the two or three requests of a normalised text in their order; empty when it is one request.

    `match` is the retriever's verdict on a stretch. It is asked only where the words may hold two requests.
    """
    text = spoken(text)
    if not SHORTEST <= len(text) <= LONGEST or _ALTERNATIVE.search(text):
        return ()
    found = _named(_stretches(text), match)
    if len(found) < 2 or _one_explains(match(text), found, match):
        return ()
    return tuple(found[:MOST])


def _stretches(text: str) -> list[str]:
    """Cut a text where something else may begin: only after a word or a semicolon that opens it, for two questions beside each other
    (违章怎么处理,罚款在哪交) are mostly about one matter."""
    found: list[str] = []
    begin, opened, joint = 0, False, ""  # joint: the marks since the last part
    for cut in [*_CUT.finditer(text), None]:
        part = text[begin:cut.start() if cut else len(text)]
        if part:
            if found and not (opened and _matter(part) and not _GOES_ON.match(part)):
                found[-1] += (joint or ",") + part
            else:
                found.append(part)
            opened, joint = False, ""
        if cut:
            begin, joint = cut.end(), joint + (cut["mark"] or cut["stop"] or cut["also"] or "")
            opened = opened or bool(cut["opens"]) or ";" in joint  # who writes one tells things apart
    return found


def _matter(text: str) -> bool:
    return len([char for char in matter_of(text) if char not in FUNCTION and char.isalnum()]) >= LEAST_MATTER


def _asks(text: str) -> bool:
    return facet_of(text) is not None or bool(asking_spans(text) and _WANTS.search(text))


def _named(stretches: Sequence[str], match: Callable[[str], Match]) -> list[str]:
    """Join what names no matter of its own to what stands before it, a beginning to what follows; likewise what is about the same record."""
    found = list(stretches)
    place = 0
    while len(found) > 1 and place < len(found):
        here = found[place]
        if _names(here, match(here)) and not any(_same(match(here), match(other)) for other in found[:place]):
            place += 1
            continue
        first = max(0, place - 1)
        found[first:first + 2] = [",".join(found[first:first + 2])]
        place = 0
    return found


def _names(text: str, found: Match) -> bool:
    """Return whether a stretch names a matter of its own."""
    if not found.candidates:
        return False
    first, asks = found.candidates[0].score, _asks(text)
    if found.decision == "answer" or (asks and first >= SURE):  # 护照要多少钱 says too little to be answered, not to be asked about
        return True
    offered = sum(candidate.score for candidate in found.candidates if candidate.code in found.choices)
    return found.decision == "clarify" and (asks or bool(_WANTS.search(text))) and (first >= LIKELY or offered >= AMONG)


def _same(one: Match, other: Match) -> bool:
    """Return whether two verdicts may be about one record."""
    meant = [set(found.choices[:2]) if found.decision == "clarify" else {found.candidates[0].code} for found in (one, other) if found.candidates]
    return len(meant) == 2 and bool(meant[0] & meant[1])


def _one_explains(whole: Match, found: Sequence[str], match: Callable[[str], Match]) -> bool:
    """Return whether one record explains the whole at least as well as the stretches are explained by theirs."""
    if whole.decision != "answer":
        return False
    best, parts = whole.candidates[0].code, [(text, match(text)) for text in found]
    named = {code for _, part in parts for code in (*part.choices, part.candidates[0].code)}
    # The whole may be about one part and pass over another, but not over one that is vague and asks for no more than yes or no.
    idle = [part for text, part in parts if part.decision != "answer" and not _OPEN_QUESTION.search(text) and best not in part.choices]
    return best not in named or bool(idle)
