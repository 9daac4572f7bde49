"""What is heard in a caller's text: its clauses in every reading, and what the whole of it names."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.matching.encode import sounds
from knowledge.matching.lexicon import Lexicon, Sense
from knowledge.matching.reading import MAX_CLAUSES, MAX_READINGS, RAMBLING, Clause, Reader, joined, latin_words

ACTIONS = (Sense("补领", "补办", ("补领", "补办")), Sense("注销", "注销", ("注销",)))
SUBJECTS = (Sense("企业", "企业", ("企业", "公司"), group="单位"),)
LEXICON = Lexicon({"机动车驾驶证": ["驾照"], "不动产权证书": ["房本"]}, ACTIONS, SUBJECTS,
                  {"sfz": ["身份证"], "ylbx": ["养老保险", "医疗保险"]})
READER = Reader(LEXICON, latin_words(["ETC办理", "普通护照"]))
ANY = st.text(st.characters(codec=None, exclude_categories=()).filter(lambda char: char.isascii() or not char.isdecimal()), max_size=150)


def texts(text: str, reader: Reader = READER) -> list[str]:
    return [clause.readings[0] for clause in reader.hear(text).clauses]


def actions(bits: int) -> list[str]:
    return [sense.name for sense in LEXICON.actions.named(bits)]


# --- canonical form ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "canonical"), [
    ("我18岁", "我十八岁"), ("第1次第12次", "第一次第十二次"), ("交1.5万", "交1.5万"),
    ("身份证身份证丢了", "身份证丢了"), ("公公公积金", "公积金"), ("護照補辦", "护照补办"), ("ＥＴＣ注销", "etc注销"),
    ("我想办 ETC 的卡", "我想办etc的卡"), ("带啥材料", "带什么材料"), ("咋办", "怎么办"), ("嗯，护照", "护照"), ("", "")])
def test_a_text_is_heard_in_canonical_form(text: str, canonical: str) -> None:
    assert READER.hear(text).canonical == canonical


def test_a_long_number_is_one_sign_that_no_other_number_has() -> None:
    phone, line, year = (READER.canonical(number) for number in ("13812345678", "12345", "2024"))
    assert len(phone) == len(line) == len(year) == 1
    assert len({phone, line, year}) == 3
    assert READER.canonical("我打12345了") == f"我打{line}了"


@given(st.text(alphabet="补办护照身份证1 23,。驾啥", max_size=20))
def test_a_name_and_a_callers_words_take_the_same_form(text: str) -> None:
    assert READER.name(text)[0] == READER.hear(text).canonical


def test_a_name_has_at_most_two_readings() -> None:
    assert READER.name("驾照补办") == ("驾照补办", "机动车驾驶证补办")
    assert READER.name("護照換發") == ("护照换发",)
    assert len(Reader(Lexicon({term: ["本子"] for term in ("甲证", "乙证", "丙证")})).name("本子")) == 2


# --- Latin letters -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["sfz丢了", "SFZ丢了", "sfz 丢了", "ＳＦＺ丢了"])
def test_initials_become_the_word_they_stand_for(text: str) -> None:
    assert READER.hear(text).canonical == "身份证丢了"


def test_initials_of_several_words_are_read_in_each() -> None:
    assert READER.hear("ylbx怎么交").readings == ("养老保险怎么交", "医疗保险怎么交")


def typed(*parts: str) -> str:
    return "".join(sounds().spoken(part) for part in parts)


@pytest.mark.parametrize("text", ["shenfenzheng丢了", "shen fen zheng丢了", "shen1fen4zheng4 丢了", "SHENFENZHENG丢了"])
def test_typed_pinyin_becomes_syllables_without_gaps(text: str) -> None:
    assert READER.hear(text).canonical == typed("shen", "fen", "zheng") + "丢了"


@pytest.mark.parametrize(("text", "canonical"), [("wifi坏了", "wifi坏了"), ("我要办etc", "我要办etc"), ("护照a", "护照a")])
def test_english_and_single_letters_stay(text: str, canonical: str) -> None:
    assert READER.hear(text).canonical == canonical


def test_a_word_that_stands_in_a_name_is_no_pinyin() -> None:
    assert READER.hear("banka").canonical == typed("ban", "ka")
    assert Reader(LEXICON, latin_words(["BANKA办理"])).hear("banka").canonical == "banka"


def test_latin_words_come_from_names_that_mix_them_with_chinese() -> None:
    assert latin_words(["ETC办理", "下载爱山东APP", "VISA", "护照"]) == {"etc", "app"}


# --- clauses -----------------------------------------------------------------------------------------------------------
def test_the_whole_comes_first_and_then_its_clauses() -> None:
    clauses = READER.hear("驾照丢了怎么补办？身份证也要注销").clauses
    assert [clause.whole for clause in clauses] == [True, False, False]
    assert clauses[1].readings == ("驾照丢了怎么补办", "机动车驾驶证丢了怎么补办")
    assert [actions(clause.actions) for clause in clauses] == [["补领", "注销"], ["补领"], ["注销"]]


def test_a_clause_that_names_no_action_takes_that_of_the_whole() -> None:
    clauses = READER.hear("补办房产证明书，我的身份证弄丢了").clauses
    assert [actions(clause.actions) for clause in clauses] == [["补领"]] * 3


def test_the_subject_of_the_whole_holds_for_every_clause() -> None:
    heard = READER.hear("我们公司想问问，营业执照怎么补办")
    assert heard.subjects and {clause.subjects for clause in heard.clauses} == {heard.subjects}


def test_a_bare_topic_is_joined_to_what_is_said_of_it() -> None:
    assert texts("护照，丢了补办") == ["护照,丢了补办", "护照丢了补办"]
    assert joined("护照,丢了,补办") == ["护照丢了", "补办"]


def test_one_clause_stands_once() -> None:
    assert texts("护照丢了怎么办") == ["护照丢了怎么办"]


def test_a_long_text_is_judged_by_its_clauses_alone() -> None:
    text = "我今天早上去了趟菜市场买菜，" * 8 + "回来发现驾驶证弄丢了怎么补办"
    heard = READER.hear(text)
    assert len(text) > RAMBLING and heard.rambles
    assert not any(clause.whole for clause in heard.clauses)
    assert "回来发现驾驶证弄丢了怎么补办" in texts(text)
    assert len(set(texts(text))) == len(texts(text))


def test_only_a_longer_text_rambles() -> None:
    assert [READER.hear(("护照补办换领。" * 20)[:length]).rambles for length in (RAMBLING, RAMBLING + 1)] == [False, True]


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\x00"])
def test_nothing_said_has_no_clauses(text: str) -> None:
    heard = READER.hear(text)
    assert heard.clauses == () and heard.actions == heard.subjects == 0


def test_what_was_misheard_is_read_as_it_stands_and_set_right() -> None:
    reader = Reader(LEXICON, repair=lambda text: text.replace("架照", "驾照"))
    assert reader.readings("架照丢了") == ("架照丢了", "驾照丢了", "机动车驾驶证丢了")
    assert reader.name("架照丢了") == ("架照丢了",)  # names are not set right


@settings(deadline=None)
@given(ANY)
@example("\ud800护照\udfff")
@example("\U0001f600" * 60)
@example("1" * 3000)
@example("a" * 3000)
@example("，" * 3000)
@example("00号07年")
def test_any_text_is_heard(text: str) -> None:
    heard = READER.hear(text)
    assert len(heard.clauses) <= MAX_CLAUSES + 1
    for clause in heard.clauses:
        assert isinstance(clause, Clause) and clause.readings[0]
        assert len(set(clause.readings)) == len(clause.readings) <= MAX_READINGS
    assert [clause.whole for clause in heard.clauses[1:]] == [False] * len(heard.clauses[1:])
    assert READER.hear(text) == heard


@given(ANY)
def test_any_name_is_read(text: str) -> None:
    assert 1 <= len(READER.name(text)) <= 2


@pytest.mark.parametrize("text", ["٣个", "०५", "\u06611"])
def test_digits_of_other_scripts_are_heard(text: str) -> None:
    assert READER.hear(text).canonical


def test_a_very_long_text_is_heard_to_its_limit() -> None:
    assert len(READER.hear("护照补办的手续，" * 100_000).clauses) <= MAX_CLAUSES + 1
