"""From a caller's raw text to the text the tables are read against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from safety.patterns import CLAUSE_END, MASK, Table, squeeze
from zh.normalise import normalise
from zh.pinyin import fold, syllables

# Someone who shouts types 着!火!了! or sends it with dots: a mark between single characters is no clause end.
_HACKED = re.compile(r"(?<![\u3400-\u9fff])([\u3400-\u9fff])[^\w\s]{1,3}(?=[\u3400-\u9fff](?![\u3400-\u9fff]))")
_MARKS = re.compile(r"[~.\-_*·|/\\\"'“”‘’()<>《》【】\[\]]+")
_ENDS = re.compile(rf"[{CLAUSE_END}\s]+")
# A chat sends the sign for the word; OpenCC keeps 著, which is 着 in traditional writing.
_SAME = str.maketrans({"🔥": "火", "著": "着"})
# The commonest reading of these is not the one in the phrases (着火 zháo, 喝药 hē).
_READINGS = {"着": "zhao"}


def clean(text: str) -> str:
    """Return `text` normalised, without decoration, with repeated characters said once. Never raises."""
    text = normalise(text).translate(_SAME)
    text = _HACKED.sub(r"\1", text)
    text = _MARKS.sub("", text)
    return squeeze(_ENDS.sub(lambda ends: "," if len(ends[0].strip()) != 1 else ends[0].strip(), text))


def mask(text: str, lookalikes: Table[None]) -> str:
    """Return `text` with expressions that only look like danger (救命钱, 笑死) blotted out, length unchanged."""
    done = 0
    for _, match in lookalikes.find(text):
        if match.start() >= done:
            done = match.end()
            text = text[: match.start()] + MASK * len(match[0]) + text[done:]
    return text


class Garbled:
    """Puts back phrases that a recogniser wrote with other characters of the same sound (媒气邪漏 → 煤气泄漏)."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_sound: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for phrase in phrases:
            sound = self._sound(phrase)
            self._by_sound[sound[0]].append((sound, phrase))

    @staticmethod
    def _sound(phrase: str) -> tuple[str, ...]:
        plain = syllables(phrase)
        return tuple(fold(_READINGS[c]) if c in _READINGS else s for c, s in zip(phrase, plain, strict=True))

    def repair(self, text: str) -> str:
        """Return `text`, of the same length, with every phrase that is heard in it written as it should be."""
        heard = syllables(text)
        for at, first in enumerate(heard):
            for sound, phrase in self._by_sound.get(first, ()):
                if heard[at : at + len(sound)] == sound:
                    text = text[:at] + phrase + text[at + len(phrase) :]
        return text
