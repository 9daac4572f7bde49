"""What of a caller's words may be kept: nothing that tells who he is."""

from __future__ import annotations

import hashlib
import re

from core.pii import mask
from zh.extract_rules import find_persons
from zh.normalise import normalise

LONGEST = 120  # characters; who tells more tells his own story, which is nobody's name for an item
_DIGITS = re.compile(r"[0-9](?:[ \-]?[0-9]){4,}|[零〇一二三四五六七八九幺两](?:[ ,、\-]?[零〇一二三四五六七八九幺两]){4,}")
# Surnames that begin no everyday word of this trade (not 金, 方, 高, 马), with a given name of one or two characters.
_NAME = r"[王李张刘陈杨赵周吴徐孙胡朱郭梁宋郑谢韩唐冯董萧曹袁邓傅沈彭吕苏卢蒋蔡贾魏薛潘杜戴汪姜姚谭廖邹熊郝崔邱秦侯邵孟尹乔贺龚][\u4e00-\u9fff]{1,2}"
_KIN = r"(?:妈妈?|爸爸?|父亲|母亲|爷爷|奶奶|姥姥|姥爷|对象|老公|老婆|丈夫|妻子|媳妇|儿子|闺女|女儿|孩子|哥|姐|弟|妹)"
# 帮张伟办, 我妈王桂芳, 张伟的身份证: names that nobody introduces, which zh.extract_rules leaves alone for it looks for callers.
_BARE_NAME = re.compile(rf"(?:帮|替|给|叫|我是){_NAME}(?=办|补|领|交|查|申|报|开|换|迁|落|上|过|打|问|$)|(?:我|俺|他|她){_KIN}{_NAME}|^{_NAME}的")


def keepable(text: str) -> str | None:
    """Return a caller's words normalised and masked, None when they may not be kept: too long, a number or a person's name is left in them."""
    words = mask(normalise(text)).strip()
    if not words or len(words) > LONGEST or _DIGITS.search(words) or find_persons(words) or _BARE_NAME.search(words):
        return None
    return words


def who(salt: str, conversation: str) -> str:
    """Return what stands for a conversation: the same each time, different in every installation, without a way back."""
    return hashlib.sha256(f"{salt}\n{conversation}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
