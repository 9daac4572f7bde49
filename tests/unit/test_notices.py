"""Messages to callers: what they say, whom they reach, and what they never tell."""

import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Callable

import pytest
from structlog.testing import capture_logs

from core.calendar import published_calendar
from core.cipher import Cipher, add_key, load_cipher
from core.clock import SHANGHAI
from core.settings import Settings, SettingsError, load_settings
from tests.support.fake_tickets import FakeTickets
from tickets.doing import Actor
from tickets.errors import NoticeFailed, NoticeRefused
from tickets.events import Notice
from tickets.load import load_catalogue, load_policy
from tickets.model import Act, Details, NewTicket, Result, Role, Ticket, TicketType
from tickets.notices.file import FileGateway
from tickets.notices.link import may_rate, rating_link, rating_token
from tickets.notices.load import WordsFaulty, load_words
from tickets.notices.message import Message
from tickets.notices.notifier import CallerNotifier, build_notifier
from tickets.notices.sent import Once
from tickets.notices.text import MOST
from tickets.routing import Router
from tickets.service import TicketService
from tickets.store.attempts import MemoryAttempts
from tickets.vocabulary import Channel

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
POLICY = load_policy()
ROUTER = Router(load_catalogue(), POLICY)
PHONE = "13812345678"
NUMBER = "2026110500000001"
LAMP = NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "web", "request-1", region="370102", name="王建国", phone=PHONE)
WHO = {"operator": Actor(Role.OPERATOR, "甲"), "supervisor": Actor(Role.SUPERVISOR, "乙"), "caller": Actor(Role.CALLER), "system": Actor(Role.SYSTEM)}
SITE = "https://12345.example.cn"


class Kept:
    """A gateway that keeps what it is given, after failing as often as told."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.messages: list[Message] = []

    def deliver(self, message: Message) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.messages.append(message)


class Life:
    """One caller's ticket and what he is told of it; an hour passes with each act."""

    def __init__(self, cipher: Cipher, new: NewTicket = LAMP, site: str = SITE) -> None:
        self.repository, self.kept, self.at = FakeTickets(), Kept(), AT
        numbers = iter(range(1, 50))
        self.service = TicketService(self.repository, MemoryAttempts(POLICY.attempts), ROUTER, POLICY, published_calendar(), lambda text: (),
                                     lambda limit: next(numbers))
        self.notifier = CallerNotifier(self.repository, self.kept, load_words(), cipher, site)
        self.number = self.service.open(new, AT).ticket.number

    @property
    def ticket(self) -> Ticket:
        return self.repository.tickets[self.number]

    def act(self, act: Act, by: str = "department", note: str = "", number: str = "", **details: object) -> "Life":
        number, self.at = number or self.number, self.at + timedelta(hours=1)
        ticket = self.repository.tickets[number]
        actor = WHO.get(by) or Actor(Role.DEPARTMENT, "丙", ticket.department, ticket.office_region)
        self.service.act(number, act, by=actor, at=self.at, note=note, details=Details(**details))  # type: ignore[arg-type]
        return self

    def handled(self) -> "Life":
        return self.act(Act.RECEIVE).act(Act.HANDLE, note="到了现场")

    def closed(self, answer: str = "路灯已经修好，一共换了两盏", result: Result = Result.SOLVED) -> "Life":
        return self.handled().act(Act.REPLY, note=answer, result=result).act(Act.APPROVE, "operator")

    @property
    def notices(self) -> list[Notice]:
        return [notice for change in self.repository.changes for notice in change.notices]

    def told(self, number: str = "") -> list[str]:
        """Send every notice and return the texts to this ticket's caller, the first one first."""
        self.kept.messages.clear()
        for notice in self.notices:
            self.notifier.send(notice.id, notice.template, notice.number, notice.at)
        return [message.text for message in self.kept.messages if message.id.startswith(number or self.number)]


@pytest.fixture
def cipher(tmp_path: Path) -> Cipher:
    return load_cipher(tmp_path / "personal.keys")


@pytest.fixture
def life(cipher: Cipher) -> Life:
    return Life(cipher)


def extended(life: Life) -> Life:
    return life.handled().act(Act.ASK_EXTENSION, note="等配件", days=3).act(Act.GRANT_EXTENSION, "operator")


def suspended(life: Life) -> Life:
    return life.handled().act(Act.ASK_SUSPENSION, note="等雨季过去", until=date(2027, 3, 1)).act(Act.GRANT_SUSPENSION, "supervisor")


def asked(life: Life) -> Life:
    return life.handled().act(Act.ASK_CALLER, note="请问是几号楼门口的路灯")


def reworked(life: Life) -> Life:
    return life.closed().act(Act.FOLLOW_UP, "operator", "说还是不亮", reached=True, content=False)


def merged(life: Life) -> Life:
    lead = life.service.open(replace(LAMP, request_id="request-lead", phone="13900001111"), life.at).ticket.number
    return life.act(Act.MERGE, "operator", lead=lead)


LIVES: dict[str, Callable[[Life], Life]] = {
    "opened": lambda life: life, "closed": lambda life: life.closed(), "asked": asked, "extended": extended, "suspended": suspended,
    "reworked": reworked, "merged": merged,
}


@pytest.mark.parametrize(("step", "said"), [
    ("opened", f"您好，您的诉求已经受理，工单编号是{NUMBER}，由城市管理局办理，最晚11月12日答复您。想问进展请打12345，报这个编号就行。"),
    ("asked", f"您好，您的工单{NUMBER}还要请您补充一些情况：请问是几号楼门口的路灯。请打12345补充，报这个编号就行。"),
    ("extended", f"您好，您的工单{NUMBER}还需要一些时间，经审核延长了办理期限，最晚11月17日答复您。请您谅解。"),
    ("suspended", f"您好，您的工单{NUMBER}眼下还办不完，经审核先挂账，3月1日起接着办，办好了再告诉您。请您谅解。"),
    ("reworked", f"您好，您对工单{NUMBER}的办理不满意，我们已经退回城市管理局重新办理，最晚11月10日答复您。"),
    ("merged", f"您好，您的工单{NUMBER}和别人反映的是同一件事，已经合并办理。办好了一样会答复您。"),
])
def test_each_message_says_what_happened_in_plain_words(life: Life, step: str, said: str) -> None:
    assert LIVES[step](life).told()[-1] == said


def test_an_answer_comes_with_its_result_and_a_link_to_rate_it(life: Life, cipher: Cipher) -> None:
    assert life.closed().told()[-1] == (f"您好，您的工单{NUMBER}办结了，结果是已解决。答复是：路灯已经修好，一共换了两盏。"
                                        f"办得怎么样，请您点这里评价：{SITE}/rate#{NUMBER}.{rating_token(NUMBER, cipher)}")


def test_a_refused_caller_hears_the_reason_and_the_lawful_channel(life: Life) -> None:
    # No ticket of the assistant's own stays unsent, so this one comes back from its office first.
    life.act(Act.ASK_RETURN, note="不归我们管").act(Act.GRANT_RETURN, "operator")
    life.act(Act.REFUSE, "operator", "法院已经立案", channel=Channel.LAWSUIT)
    assert life.told()[-1] == f"您好，您的工单{NUMBER}热线不能受理。这件事要走诉讼的渠道。原因是：法院已经立案。"


def test_danger_is_promised_to_the_minute(cipher: Cipher) -> None:
    assert "最晚11月6日10点00分答复您" in Life(cipher, replace(LAMP, text="电线断了掉在地上")).told()[0]


@pytest.mark.parametrize("step", LIVES)
@pytest.mark.parametrize("hidden", [replace(LAMP, type=TicketType.REPORT), replace(LAMP, confidential=True)], ids=["reporter", "asked for it"])
def test_a_hidden_callers_message_holds_number_and_status_and_nothing_of_the_matter(cipher: Cipher, hidden: NewTicket, step: str) -> None:
    life = LIVES[step](Life(cipher, hidden))
    told = life.told()[-1]
    stands = load_words().templates[step].stands
    assert told == f"您好，您的工单{NUMBER}{stands}。想了解详情请打12345，报工单编号和登记时给您的查询码。"
    assert not [word for word in ("灯", "换了", "配件", "雨季", life.ticket.department, life.ticket.category, "举报", "http") if word in told]


def test_who_was_merged_with_a_hidden_caller_is_not_told_the_answer_to_him(cipher: Cipher) -> None:
    life = Life(cipher, replace(LAMP, type=TicketType.REPORT))
    child = life.service.open(replace(LAMP, request_id="request-child", phone="13900001111"), AT).ticket.number
    life.act(Act.MERGE, "operator", number=child, lead=life.number).closed("已经处罚了这家")
    assert life.told(child)[-1] == f"您好，您的工单{child}已经办结。想了解详情请打12345，报工单编号和登记时给您的查询码。"


def test_who_was_merged_hears_the_leads_answer_without_the_numbers_in_it(life: Life) -> None:
    child = life.service.open(replace(LAMP, request_id="request-child", phone="13900001111"), AT).ticket.number
    life.act(Act.MERGE, "operator", number=child, lead=life.number).closed(f"已电话{PHONE}联系，修好了")
    told = life.told(child)[-1]
    assert "答复是：已电话138********联系，修好了。" in told
    assert f"{child}.{rating_token(child, life.notifier.cipher)}" in told


@pytest.mark.parametrize("step", LIVES)
def test_no_message_names_the_caller_or_shows_his_phone(life: Life, step: str) -> None:
    for said in LIVES[step](life).told():
        assert "王建国" not in said
        assert PHONE not in said


def test_the_longest_answer_with_the_longest_link_still_fits(cipher: Cipher) -> None:
    site = "https://" + "a" * 100
    assert Settings(public_url=site).public_url == site
    told = Life(cipher, site=site).closed("长" * 5000, Result.PARTLY).told()[-1]
    assert len(told) == MOST
    assert "长…办得怎么样" in told
    assert told.endswith(rating_token(NUMBER, cipher))


@pytest.mark.parametrize(("answer", "said"), [
    ("一、修好了\n二、会常来看", "一、修好了 二、会常来看。"), ("修好了！", "修好了！"), ("见{number}和{link}", "见{number}和{link}。"), ("好\x00\u202e了", "好了。"),
    ("😀修好了", "😀修好了。"),
], ids=["lines", "ends by itself", "braces", "marks that cannot be seen", "emoji"])
def test_what_an_office_wrote_is_taken_as_text(life: Life, answer: str, said: str) -> None:
    assert f"答复是：{said}办得" in life.closed(answer).told()[-1]


def test_without_a_public_address_there_is_no_link(cipher: Cipher) -> None:
    told = Life(cipher, site="").closed().told()[-1]
    assert "评价" not in told
    assert "http" not in told


def test_a_ticket_that_was_rated_is_not_asked_to_be_rated_again(life: Life) -> None:
    life.closed()
    life.service.rate(life.number, "不满意", at=life.at, reason="还是不亮", phone_last4="5678")
    life.closed("又换了一盏")
    told = life.told()
    assert ["评价：" in said for said in told] == [False, True, False, False]
    assert told[-1].endswith("答复是：又换了一盏。")


def test_the_call_back_about_a_bad_grade_is_promised_and_not_rated_in_turn(life: Life) -> None:
    life.closed()
    life.service.rate(life.number, "不满意", at=life.at, reason="还是不亮", phone_last4="5678")
    call_back = next(number for number in life.repository.tickets if number != NUMBER)
    life.number = call_back
    life.act(Act.ANSWER, "operator", "已回访", result=Result.SOLVED)
    told = life.told()
    assert told[0] == f"您好，您的评价我们收到了，工单编号是{call_back}。我们会核实情况，最晚11月6日给您回电话。"
    assert told[-1].endswith("答复是：已回访。")


def test_every_try_says_the_same_whatever_happened_since(life: Life) -> None:
    before = asked(life).told()
    life.act(Act.SUPPLEMENT, "caller", "三号楼").act(Act.REPLY, note="修好了", result=Result.SOLVED).act(Act.APPROVE, "operator")
    assert life.told()[:len(before)] == before


@pytest.mark.parametrize("new", [replace(LAMP, anonymous=True), replace(LAMP, phone=None), replace(LAMP, phone="0531-88886666")],
                         ids=["anonymous", "no phone", "a landline"])
def test_who_left_no_mobile_gets_no_message(cipher: Cipher, new: NewTicket) -> None:
    life = Life(cipher, new).closed()
    life.notifier.send(f"{NUMBER}-2-opened", "opened", NUMBER, AT)
    assert life.told() == []


@pytest.mark.parametrize(("id", "template", "number"), [
    (f"{NUMBER}-9-opened", "opened", NUMBER), (f"{NUMBER}-2-opened", "closed", NUMBER), (f"{NUMBER}-2-greeting", "greeting", NUMBER),
    ("2026110599999999-2-opened", "opened", "2026110599999999"), (f"{NUMBER}-2-opened", "opened", "2026110500000002"),
    ("../../etc/passwd", "opened", NUMBER), (f"{NUMBER}-0-opened", "opened", NUMBER),
], ids=["an act to come", "another template", "no template", "no ticket", "another number", "a path", "before the first act"])
def test_a_message_that_no_act_asked_for_is_refused(life: Life, id: str, template: str, number: str) -> None:
    with pytest.raises(NoticeRefused):
        life.notifier.send(id, template, number, AT)
    assert life.kept.messages == []


def test_a_gateways_failure_goes_up_and_no_log_holds_the_phone(life: Life) -> None:
    life.kept.faults.append(NoticeFailed("SMS: 503"))
    with capture_logs() as logs:
        with pytest.raises(NoticeFailed):
            life.notifier.send(f"{NUMBER}-2-opened", "opened", NUMBER, AT)
        life.notifier.send(f"{NUMBER}-2-opened", "opened", NUMBER, AT)
    assert [(log["event"], log["to"]) for log in logs] == [("notice_sent", "138********")]
    assert PHONE not in repr(life.kept.messages)


def test_every_message_that_acts_bring_has_words(life: Life) -> None:
    told = {notice.template for step in LIVES.values() for notice in step(Life(life.notifier.cipher)).notices}
    assert set(load_words().templates) == told | {"refused"}


@pytest.mark.parametrize("wrong", ["templates: {}", "hidden: 您好{name}\nlink: ''\ntemplates: {}",
                                   "hidden: ''\nlink: ''\ntemplates: {opened: {says: '{phone}', stands: 好}}", "- 您好"],
                         ids=["nothing for the hidden", "a name", "a phone", "no entries"])
def test_words_that_cannot_be_filled_are_refused(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "words.yml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(WordsFaulty):
        load_words(file)


def test_a_token_opens_its_own_ticket_only_and_outlives_new_keys(tmp_path: Path, cipher: Cipher) -> None:
    token = rating_token(NUMBER, cipher)
    assert len(token) == 22
    assert may_rate(NUMBER, token, cipher)
    for number, wrong in ((NUMBER[:-1] + "2", token), (NUMBER, ""), (NUMBER, token[:-1]), (NUMBER, "好" * 22), ("１", token)):
        assert not may_rate(number, wrong, cipher)
    assert not may_rate(NUMBER, token, load_cipher(tmp_path / "other.keys"))
    add_key(tmp_path / "personal.keys")
    assert may_rate(NUMBER, token, load_cipher(tmp_path / "personal.keys"))


def test_the_token_stands_behind_the_hash_sign(cipher: Cipher) -> None:
    token = rating_token(NUMBER, cipher)
    assert rating_link(SITE + "/", NUMBER, cipher) == f"{SITE}/rate#{NUMBER}.{token}"
    assert rating_link("", NUMBER, cipher) == ""


MESSAGE = Message(f"{NUMBER}-2-opened", PHONE, "您好。", AT)


def test_a_file_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    gateway = FileGateway(tmp_path / "notices")
    gateway.deliver(MESSAGE)
    gateway.deliver(replace(MESSAGE, text="第二遍"))
    (file,) = (tmp_path / "notices").iterdir()
    assert file.name == f"{NUMBER}-2-opened.txt"
    assert file.read_text(encoding="utf-8") == f"{PHONE}\n2026-11-05T10:00:00+08:00\n\n您好。\n"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_of_two_writers_at_once_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, link = FileGateway(tmp_path), os.link

    def overtaken(*paths: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        gateway.deliver(replace(MESSAGE, text="先到"))
        link(*paths)

    monkeypatch.setattr(os, "link", overtaken)
    gateway.deliver(MESSAGE)
    (file,) = tmp_path.iterdir()
    assert file.read_text(encoding="utf-8").endswith("先到\n")


def test_a_full_disk_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    (tmp_path / "notices").write_text("in the way", encoding="utf-8")
    for gateway in (FileGateway(tmp_path / "notices"), Once(Kept(), tmp_path / "notices")):
        with pytest.raises(NoticeFailed):
            gateway.deliver(MESSAGE)


def test_what_a_gateway_took_is_not_handed_over_again_even_by_another_process(tmp_path: Path) -> None:
    kept = Kept(NoticeFailed("SMS: 503"))
    with pytest.raises(NoticeFailed):
        Once(kept, tmp_path).deliver(MESSAGE)
    for _ in range(3):
        Once(kept, tmp_path).deliver(MESSAGE)
    Once(kept, tmp_path).deliver(replace(MESSAGE, id=f"{NUMBER}-7-closed"))
    assert [message.id for message in kept.messages] == [MESSAGE.id, f"{NUMBER}-7-closed"]


def test_two_processes_never_send_one_message_at_the_same_time(tmp_path: Path) -> None:
    kept = Kept()

    class Meanwhile(Kept):
        def deliver(self, message: Message) -> None:
            with pytest.raises(NoticeFailed):
                Once(kept, tmp_path).deliver(message)
            super().deliver(message)

    first = Meanwhile()
    Once(first, tmp_path).deliver(MESSAGE)
    assert (len(first.messages), kept.messages) == (1, [])


@pytest.mark.parametrize(("environ", "message"), [
    ({"HOTLINE_NOTICES": "smtp", "HOTLINE_SMTP_HOST": "mail"}, "missing setting: HOTLINE_SMTP_FROM, HOTLINE_SMTP_TO"),
    ({"HOTLINE_NOTICES": "sms"}, "missing setting: HOTLINE_SMS_URL"),
    ({"HOTLINE_NOTICES": "sms", "HOTLINE_SMS_URL": "http://gateway", "HOTLINE_SMS_BODY": "{phone}"}, "ill-typed setting: HOTLINE_SMS_BODY"),
    ({"HOTLINE_NOTICES": "sms", "HOTLINE_SMS_URL": "http://gateway:port"}, "ill-typed setting: HOTLINE_SMS_URL"),
    ({"HOTLINE_NOTICES": "sms", "HOTLINE_SMS_URL": "http://gateway", "HOTLINE_SMS_KEY": "密钥"}, "ill-typed setting: HOTLINE_SMS_KEY"),
    ({"HOTLINE_NOTICES": "pigeon"}, "ill-typed setting: HOTLINE_NOTICES"),
    ({"HOTLINE_PUBLIC_URL": "12345.example.cn"}, "ill-typed setting: HOTLINE_PUBLIC_URL"),
])
def test_a_setting_that_cannot_work_is_named_at_the_start(environ: dict[str, str], message: str, cipher: Cipher) -> None:
    with pytest.raises(SettingsError) as error:
        build_notifier(load_settings(environ, Path("none.env")), FakeTickets(), cipher)
    assert str(error.value) == message


def test_unless_told_otherwise_messages_become_files(tmp_path: Path, life: Life) -> None:
    settings = load_settings({"HOTLINE_DATA_DIR": str(tmp_path), "HOTLINE_PUBLIC_URL": SITE}, Path("none.env"))
    notifier = build_notifier(settings, life.repository, life.notifier.cipher)
    for notice in life.closed().notices:
        notifier.send(notice.id, notice.template, notice.number, notice.at)
    assert sorted(file.name for file in (tmp_path / "notices").iterdir()) == [f"{NUMBER}-2-opened.txt", f"{NUMBER}-7-closed.txt"]
