from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from core.clock import SHANGHAI
from tickets.doing import Actor, Details
from tickets.errors import InvalidTicket
from tickets.lessons import Lesson, LessonState, impersonal, learned, lesson_of, set_right
from tickets.load import load_catalogue, load_policy
from tickets.model import Ticket, TicketType, Urgency
from tickets.routing import Router
from tickets.teaching import Teaching
from tickets.vocabulary import Act, Queue, Role, Status

AT = datetime(2026, 11, 5, 10, 0, tzinfo=SHANGHAI)
ROUTER = Router(load_catalogue(), load_policy())
CENTRE = Actor(Role.OPERATOR)
TEXT = "您好，我姓王。小区门口的大铁盒子整天嗡嗡响，睡不着。"
SENT = Ticket("2026110500000001", TicketType.COMPLAINT, TEXT, TEXT, "社会生活噪声", "公安局", Urgency.GENERAL, "web", AT, AT, "a" * 64, region="370102",
              office_region="370102", status=Status.DISPATCHED, started_at=AT, dispatched_at=AT, first_department="公安局")
LESSON = Lesson(SENT.number, 3, "d" * 64, "大铁盒子整天嗡嗡响", "社会生活噪声", "公安局", "电力设施", "供电公司", None, AT, id=1)


@dataclass(frozen=True)
class Found:
    label: str
    text: str
    start: int
    end: int
    value: str | None = None


def nothing(text: str) -> list[Found]:
    return []


def taught(before: Ticket, act: Act, details: Details) -> Lesson | None:
    _, entry = before.perform(act, by=CENTRE, at=AT + timedelta(hours=1), note="不归我单位管", details=details)
    return lesson_of(before, entry, ROUTER, nothing)


def test_a_transfer_to_another_category_teaches_the_words_that_decided() -> None:
    lesson = taught(SENT, Act.TRANSFER, Details(department="供电公司", region="370102", category="电力设施"))
    assert lesson is not None
    assert (lesson.wrong_category, lesson.wrong_department, lesson.category, lesson.department) == ("社会生活噪声", "公安局", "电力设施", "供电公司")
    assert (lesson.number, lesson.version, lesson.region, lesson.state) == (SENT.number, SENT.version + 1, None, LessonState.PROPOSED)
    assert "嗡嗡响" in lesson.phrase and "王" not in lesson.phrase


def test_without_a_category_it_is_the_likeliest_one_of_the_new_office() -> None:
    lesson = taught(replace(SENT, text="小区的水泵房嗡嗡响"), Act.TRANSFER, Details(department="住房和城乡建设局", region="370102"))
    assert lesson is not None and (lesson.category, lesson.region) == ("设备低频噪声", None)


def test_an_office_of_no_likely_category_is_a_matter_of_the_region() -> None:
    lesson = taught(SENT, Act.TRANSFER, Details(department="文化和旅游局", region="370102"))
    assert lesson is not None and (lesson.category, lesson.department, lesson.region) == ("社会生活噪声", "文化和旅游局", "370102")


def test_what_was_returned_teaches_when_it_is_sent_elsewhere() -> None:
    returned = replace(SENT, status=Status.ACCEPTED, returns=1)
    assert taught(returned, Act.DISPATCH, Details(department="供电公司", region="370102", category="电力设施")) is not None
    assert taught(returned, Act.DISPATCH, Details(department="公安局", region="370102")) is None


def test_nothing_is_taught_by_a_first_dispatch_by_streets_or_by_special_queues() -> None:
    elsewhere = Details(department="供电公司", region="370102", category="电力设施")
    assert taught(replace(SENT, status=Status.ACCEPTED, started_at=None), Act.DISPATCH, elsewhere) is None
    assert taught(SENT, Act.REDISPATCH, Details(department="供电公司", region="370102")) is None
    assert taught(SENT, Act.REDISPATCH, Details(department="泉城路街道办事处", region="370102")) is None
    assert taught(replace(SENT, queue=Queue.BUSINESS), Act.TRANSFER, elsewhere) is None
    assert taught(SENT, Act.TRANSFER, Details(department="公安局", region="370103")) is None


def test_who_sends_on_what_no_category_fitted_teaches_when_the_catalogue_knows_the_office() -> None:
    unfitting = replace(SENT, category=ROUTER.backstop.name, department=ROUTER.backstop.department)
    lesson = taught(unfitting, Act.REDISPATCH, Details(department="供电公司", region="370102", category="电力设施"))
    assert lesson is not None and (lesson.category, lesson.department) == ("电力设施", "供电公司")
    found = taught(replace(unfitting, text="小区的水泵房嗡嗡响"), Act.REDISPATCH, Details(department="住房和城乡建设局", region="370102"))
    assert found is not None and found.category == "设备低频噪声"


@pytest.mark.parametrize(("department", "category"), [("供电大公司", "电力设施"), ("供电公司", "没有的类别")], ids=["an office", "a category"])
def test_what_stands_in_no_catalogue_is_not_learnt_from_a_second_dispatch(department: str, category: str) -> None:
    unfitting = replace(SENT, category=ROUTER.backstop.name, department=ROUTER.backstop.department)
    assert taught(unfitting, Act.REDISPATCH, Details(department=department, region="370102", category=category)) is None


def test_a_phrase_holds_nothing_personal() -> None:
    words = "李小明家13812345678在阳光花园3号楼的变压器响"

    def extract(text: str) -> list[Found]:
        return [Found(label, part, text.index(part), text.index(part) + len(part))
                for label, part in (("person", "李小明"), ("place", "阳光花园3号楼")) if part in text]

    assert impersonal(words, None, extract) == "家在的变压器响"
    assert impersonal("我是张建国，楼道灯坏了", "张建国", nothing) == "我是,楼道灯坏了"


@pytest.mark.parametrize(("words", "phrase"), [
    ("济南海天商贸有限公司的机器响", "的机器响"), ("隔壁红星家具厂半夜喷漆", "半夜喷漆"), ("在老张早餐店门口倒泔水", "在门口倒泔水"),
    ("楼下的饭店油烟大", "楼下的饭店油烟大"),
], ids=["a company", "a factory", "a shop", "a kind of shop is nobody's name"])
def test_a_phrase_names_no_firm(words: str, phrase: str) -> None:
    assert impersonal(words, None, nothing) == phrase


@pytest.mark.parametrize("wish", [{"anonymous": True}, {"confidential": True}, {"type": TicketType.REPORT}], ids=["anonymous", "confidential", "report"])
def test_who_stays_hidden_is_not_quoted_and_the_supervisor_writes_the_words(wish: dict[str, object]) -> None:
    details = Details(department="供电公司", region="370102", category="电力设施")
    lesson = taught(replace(SENT, **wish), Act.TRANSFER, details)  # type: ignore[arg-type]
    assert lesson is not None and (lesson.phrase, lesson.category) == ("", "电力设施")
    assert set_right(lesson, ROUTER, phrase="变电箱嗡嗡响").phrase == "变电箱嗡嗡响"


@pytest.mark.parametrize(("changes", "category", "region", "phrase"), [
    ({}, "电力设施", None, "大铁盒子整天嗡嗡响"),
    ({"category": "设备低频噪声"}, "设备低频噪声", None, "大铁盒子整天嗡嗡响"),
    ({"region": "370100"}, "社会生活噪声", "370100", "大铁盒子整天嗡嗡响"),
    ({"phrase": "变电箱嗡嗡响"}, "电力设施", None, "变电箱嗡嗡响"),
])
def test_a_supervisor_sets_a_lesson_right(changes: dict[str, str], category: str, region: str | None, phrase: str) -> None:
    right = set_right(LESSON, ROUTER, **changes)
    assert (right.category, right.region, right.phrase) == (category, region, phrase)


@pytest.mark.parametrize(("lesson", "changes", "field"), [
    (LESSON, {"category": "没有的类别"}, "category"), (LESSON, {"category": "社会生活噪声"}, "category"), (LESSON, {"phrase": "灯"}, "phrase"),
    (replace(LESSON, phrase=""), {}, "phrase"),
])
def test_what_could_teach_nothing_is_refused(lesson: Lesson, changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidTicket) as refused:
        set_right(lesson, ROUTER, **changes)
    assert refused.value.field == field


def test_only_accepted_lessons_are_learnt_and_the_later_one_about_an_office_counts() -> None:
    accepted = replace(LESSON, state=LessonState.ACCEPTED, decided_at=AT)
    here = replace(accepted, category="路灯不亮", region="370100", department="甲局")
    found = learned([replace(here, department="乙局", decided_at=AT + timedelta(days=1)), here, accepted, accepted,
                     replace(LESSON, phrase="别的话"), replace(accepted, phrase="又一句", state=LessonState.DROPPED)])
    assert found.says == {"电力设施": ("大铁盒子整天嗡嗡响",)}
    assert found.offices == {("路灯不亮", "370100"): "乙局"}


class Shelf:
    """Lessons in memory; can be away."""

    def __init__(self) -> None:
        self.lessons: list[Lesson] = []
        self.up = True

    def revision(self) -> tuple[object, int]:
        if not self.up:
            raise OSError("the database is away")
        return None, len(self.lessons)

    def accepted(self) -> list[Lesson]:
        return self.lessons


def test_a_router_learns_what_is_accepted_and_keeps_it_while_the_database_is_away() -> None:
    shelf, router = Shelf(), Router(load_catalogue(), load_policy())
    teaching = Teaching(shelf, router)
    assert not teaching.refresh()
    shelf.lessons = [replace(LESSON, state=LessonState.ACCEPTED)]
    assert teaching.refresh() and router.classify(TEXT).category == "电力设施"
    shelf.up = False
    assert not teaching.refresh() and router.classify(TEXT).category == "电力设施"
