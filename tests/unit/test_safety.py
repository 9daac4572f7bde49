"""The emergency rules: what must raise an alarm, what must not, and what may not change the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import safety
from safety.alarms import Alarm, Detector
from safety.bootstrap import build_detector
from safety.hearing import Garbled, clean
from safety.patterns import PatternError, expand, heads, squeeze, to_regex
from tests.support.growth import growth

WRITTEN = Path(safety.__file__).parent / "data" / "written"
DETECTOR = build_detector()


def _written(name: str) -> list[dict[str, str]]:
    return yaml.safe_load((WRITTEN / f"{name}.yml").read_text(encoding="utf-8"))[name]


ALARMS = [(entry["text"], entry["kind"]) for entry in _written("alarms")]
LOOKALIKES = [entry["text"] for entry in _written("lookalikes")]


def kind_of(text: str, detector: Detector = DETECTOR) -> str | None:
    alarm = detector.detect(text)
    return alarm.kind if alarm else None


@pytest.mark.parametrize(("text", "kind"), ALARMS)
def test_a_written_alarm_sends_the_right_people(text: str, kind: str) -> None:
    alarm = DETECTOR.detect(text)
    assert alarm is not None
    assert kind in (alarm.kind, *alarm.also)


def test_nearly_every_written_alarm_names_its_own_number_first() -> None:
    others = [text for text, kind in ALARMS if kind_of(text) != kind]
    assert len(others) <= len(ALARMS) // 200, others


@pytest.mark.parametrize("text", LOOKALIKES)
def test_a_written_lookalike_raises_nothing(text: str) -> None:
    assert DETECTOR.detect(text) is None


def test_the_written_sets_cover_every_kind() -> None:
    counts = {kind: sum(k == kind for _, k in ALARMS) for kind in ("119", "110", "120", "122", "crisis")}
    assert min(counts.values()) >= 15
    assert len(LOOKALIKES) >= 75


# --- what the alarm says -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "kind", "also"),
    [
        ("撞车了 有人流血", "122", ("120",)),
        ("两车撞了 人没事", "122", ()),
        ("孩子掉河里了", "120", ("119", "110")),
        ("家里着火了 我妈晕过去了", "119", ("120",)),
        ("楼下打架 有人昏迷了", "110", ("120",)),
        ("隔壁要自杀 开了煤气 一股煤气味", "crisis", ("119",)),
        ("救命啊", "110", ("120",)),
        ("救命啊 着火了", "119", ()),
        ("俺家里的喝了百草枯了 快救救她", "crisis", ("120",)),
        ("有个姑娘坐在楼顶上", "crisis", ("119",)),
        ("孩子骑在六楼窗台外边 家里没大人", "119", ("crisis",)),
    ],
    ids=[
        "injured", "crash only", "in the water", "fire, faint", "fight, faint", "suicide by gas", "bare cry", "cry at a fire",
        "poison taken", "on a roof", "a child at the window",
    ],
)
def test_the_gravest_danger_comes_first_and_others_come_along(text: str, kind: str, also: tuple[str, ...]) -> None:
    alarm = DETECTOR.detect(text)
    assert alarm is not None
    assert (alarm.kind, alarm.also) == (kind, also)


@pytest.mark.parametrize(("kind", "outcome"), [("119", "emergency_119"), ("122", "emergency_122"), ("crisis", "crisis")])
def test_the_outcome_names_the_number_or_the_crisis(kind: str, outcome: str) -> None:
    assert Alarm(kind, "", ()).outcome == outcome  # type: ignore[arg-type]


def test_the_matched_words_are_the_callers_danger() -> None:
    alarm = DETECTOR.detect("你好,我家厨房着火了")
    assert alarm is not None
    assert "着火" in alarm.matched


# --- one danger, told as present, past, supposed, denied -------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我家着火了", "119"),
        ("去年我家着火了", None),
        ("去年买的房子现在着火了", "119"),
        ("如果我家着火了怎么办", None),
        ("我家没着火", None),
        ("我家着火的事谁管", None),
        ("着火了打119没人来", "119"),
        ("打119没人管我要投诉", None),
        ("电梯经常困人", None),
        ("电梯困人了", "119"),
        ("把农药当饮料喝了", "120"),
        ("她喝农药了", "crisis"),
        ("下班路上让车撞了,骨头断了", "122"),
        ("下班路上让车撞了,骨头断了,交警判的对方全责,认定工伤得拿什么材料", None),
        ("我爸突然动不了了", "120"),
        ("俺娘八十六了动不了,领养老金的人脸咋刷", None),
        ("俺娘八十六了突然动不了了", "120"),
        ("路上塌了个坑,给填填吧", None),
        ("路上塌了个坑,车掉下去了,人还在里面", "119"),
        ("桥塌了", "119"),
        ("桥塌了快一年了", None),
    ],
)
def test_only_a_danger_of_this_moment_is_an_alarm(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("家里着大火了,户口本都在里面,怎么补办", "119"),
        ("我爸晕倒了叫不醒,医保卡没带,能报销吗", "120"),
        ("我要自杀,怎么办理遗嘱", "crisis"),
    ],
)
def test_a_question_about_papers_does_not_silence_a_vivid_danger(text: str, kind: str) -> None:
    assert kind_of(text) == kind


# --- what may not change the answer --------------------------------------------------------------------------------
@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    DETECTOR.detect(text)


@given(st.lists(st.sampled_from([*"着火了煤气救命打我死不想活车撞没去年如果,。 ○"]), max_size=60).map("".join))
def test_no_mixture_of_danger_words_raises(text: str) -> None:
    DETECTOR.detect(text)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*ALARMS, *((text, None) for text in LOOKALIKES)]),
    st.text(" \u3000\t\n,。!…", max_size=6),
    st.text(" \u3000\n。!", max_size=6),
)
def test_surrounding_spaces_and_marks_change_nothing(case: tuple[str, str | None], before: str, after: str) -> None:
    text, kind = case
    assert kind_of(before + text + after) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("家裡著火了", "119"),
        ("樓上煤氣洩漏了", "119"),
        ("救護車快來，我爸暈倒了", "120"),
        ("我不想活了，要跳樓", "crisis"),
        ("消防驗收怎麼辦", None),
        ("笑死我了", None),
    ],
)
def test_traditional_characters_are_heard_alike(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [("着!火!了!", "119"), ("着着火火了", "119"), ("我…我…我不想活了", "crisis"), ("救 命 啊", "110"), ("着🔥了快来", "119")],
    ids=["hacked", "stammered", "faltering", "spaced", "with a sign"],
)
def test_shouting_and_stammering_are_heard_alike(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [("媒气邪漏了", "119"), ("找火了", "119"), ("川不上气", "120"), ("补响活了", "crisis"), ("就命啊", "110")],
)
def test_words_garbled_by_the_recogniser_are_put_right(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    "text",
    ["快递运到了没人通知", "大棚搭起来了才说违建", "我最为了解这个情况", "这水没气味但是发黄", "孩子你睡了吗", "牙龈老出血", "考试蒙混过去了"],
    ids=["晕倒了", "打起来了", "追尾了", "煤气味", "溺水了", "脑出血", "昏过去了"],
)
def test_everyday_words_of_the_same_sound_are_no_danger(text: str) -> None:
    assert kind_of(text) is None


def test_a_repaired_text_keeps_its_length() -> None:
    assert Garbled(["煤气泄漏"]).repair("屋里媒企谢漏了") == "屋里煤气泄漏了"


# --- time ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("unit", ["我", "着火了", "如果", "去年我家着火了", "人车水"])
def test_the_work_grows_with_the_text_and_not_with_its_square(unit: str) -> None:
    text = (unit * 2000)[:2000]
    assert growth(DETECTOR.detect, text[:500], text) < 10  # four times the text: a square would be sixteen times the work


# --- the notation of the tables --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pattern", "matches", "refuses"),
    [
        ("[着|起]火", "起火", "失火"),
        ("着[大]火", "着火", "着小火"),
        ("车~翻", "车掉沟里翻", "车,翻"),
        ("水%没影", "水里,一会儿就没影", "水里,大家找了一个下午又一个晚上没影"),
        ("着火^[点]", "着火了", "着火点"),
        ("{误}喝药", "喝药", "误喝药"),
        ("打_我", "打了我", "打过我"),
        ("#个人", "3个人", "个个人"),
        ("报警$", "我要报警,快", "报警器"),
    ],
)
def test_the_notation_means_what_it_says(pattern: str, matches: str, refuses: str) -> None:
    regex = to_regex(next(expand(pattern, {})))
    assert regex.search(matches)
    assert not regex.search(refuses)


def test_a_pattern_knows_the_characters_it_may_begin_with() -> None:
    assert heads("{误}[着|[起|失|]]火") == set("着起失火")


@pytest.mark.parametrize("pattern", ["~着火", "%着火", "<nobody>着火", "[着|起火"])
def test_an_unreadable_pattern_is_named(pattern: str) -> None:
    with pytest.raises(PatternError, match="着"):
        for expanded in expand(pattern, {}):
            heads(expanded)


def test_a_doubled_character_is_said_once_but_every_day_is_kept() -> None:
    assert squeeze("着着火火,天天,119") == "着火,天天,119"


def test_marks_between_single_characters_are_no_clause_ends() -> None:
    assert clean("着!火!了!") == "着火了!"
