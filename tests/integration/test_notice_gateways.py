"""Messages through real connections: a mail server and a gateway for text messages, both on this machine."""

import socket
import ssl
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Iterator

import pytest
from structlog.testing import capture_logs

from core.cipher import load_cipher
from core.clock import SHANGHAI
from core.db import connect, migrate
from core.settings import load_settings
from tests.support.sms_server import SmsServer, sms_server
from tests.support.smtp_server import SmtpServer, certificate, smtp_server
from tickets.bootstrap import build
from tickets.errors import NoticeFailed, NoticeRefused
from tickets.model import NewTicket, TicketType
from tickets.notices.message import Message
from tickets.notices.notifier import build_notifier
from tickets.notices.sms import SmsGateway, sms_client
from tickets.notices.smtp import SmtpGateway
from tickets.store.sql import SqlTickets

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
PHONE = "13812345678"
MESSAGE = Message("2026110500000001-2-opened", PHONE, "您好，您的诉求已经受理😀。\n.\n第三行", AT)
PATIENT = 30.0  # seconds: far more than any answer takes here


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server(SmtpServer()) as server:
        yield server


@pytest.fixture
def sms() -> Iterator[SmsServer]:
    with sms_server(SmsServer()) as server:
        yield server


def mailing(server: SmtpServer, security: Any = "none", **more: Any) -> SmtpGateway:
    return SmtpGateway("127.0.0.1", server.port, "hotline@12345.example.cn", "{phone}@sms.example.cn", "12345热线通知", security, timeout=PATIENT, **more)


def texting(server: SmsServer, **more: Any) -> SmsGateway:
    return SmsGateway(server.url, **{"body": {"phone": "{phone}", "text": "{text}"}, "client": sms_client(PATIENT), **more})


def trusting(file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(file))


def nobody_listens() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_mail_arrives_whole_under_the_id_of_the_message(mail: SmtpServer) -> None:
    mailing(mail).deliver(MESSAGE)
    (got,) = mail.mails
    assert got.get_content().rstrip("\n") == MESSAGE.text
    assert (got["Message-ID"], got["To"], got["From"]) == (
        "<2026110500000001-2-opened@12345.example.cn>", f"{PHONE}@sms.example.cn", "hotline@12345.example.cn")
    assert (got["Subject"], got["Auto-Submitted"]) == ("12345热线通知", "auto-generated")
    assert got["Date"].datetime == AT


def test_a_gateway_with_one_address_gets_the_number_as_the_subject(mail: SmtpServer) -> None:
    replace(mailing(mail), to="sms@gateway.example.cn", subject="{phone}").deliver(MESSAGE)
    assert (mail.mails[0]["To"], mail.mails[0]["Subject"]) == ("sms@gateway.example.cn", PHONE)


@pytest.mark.parametrize(("verb", "answer", "fault"), [
    ("RCPT", "550 no such number 13812345678", NoticeRefused), ("RCPT", "451 later", NoticeFailed), (".", "554 not this", NoticeRefused),
    (".", "452 full", NoticeFailed), ("MAIL", "550 who are you", NoticeFailed), ("EHLO", "421 closing", NoticeFailed),
])
def test_what_the_mail_server_says_decides_whether_to_try_again(mail: SmtpServer, verb: str, answer: str, fault: type[Exception]) -> None:
    mail.answers[verb] = answer
    mail.answers.setdefault("HELO", "421 closing")
    with pytest.raises(fault) as error:
        mailing(mail).deliver(MESSAGE)
    assert PHONE not in str(error.value)
    assert mail.mails == []


def test_a_bad_farewell_does_not_undo_a_mail_that_was_taken(mail: SmtpServer) -> None:
    mail.answers["QUIT"] = "421 in a hurry"
    mailing(mail).deliver(MESSAGE)
    assert len(mail.mails) == 1


def test_a_mail_server_that_is_away_may_be_tried_again() -> None:
    with pytest.raises(NoticeFailed):
        mailing(SmtpServer(port=nobody_listens())).deliver(MESSAGE)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_and_password_travel_encrypted(tmp_path: Path, security: str) -> None:
    file = certificate(tmp_path / "server.pem")
    with smtp_server(SmtpServer(certificate=file, from_the_start=security == "tls", password="secret")) as server:
        mailing(server, security, user="hotline", password="secret", context=trusting(file)).deliver(MESSAGE)
        assert len(server.mails) == 1
        assert {line.split(" ")[0] for encrypted, line in server.lines if not encrypted} <= {"ehlo", "EHLO", "STARTTLS"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(tmp_path: Path, security: str) -> None:
    made = SmtpServer(certificate=certificate(tmp_path / "server.pem"), from_the_start=security == "tls")
    with smtp_server(made) as server:
        with pytest.raises(NoticeFailed):
            mailing(server, security).deliver(MESSAGE)
        assert PHONE not in str(server.lines)
        assert server.mails == []


def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for(mail: SmtpServer) -> None:
    with pytest.raises(NoticeFailed):
        mailing(mail, "starttls").deliver(MESSAGE)
    assert PHONE not in str(mail.lines)


def test_a_wrong_password_is_for_the_centre_to_mend_and_the_mail_to_wait(tmp_path: Path) -> None:
    file = certificate(tmp_path / "server.pem")
    with smtp_server(SmtpServer(certificate=file, password="secret")) as server:
        with pytest.raises(NoticeFailed) as error:
            mailing(server, "starttls", user="hotline", password="guess", context=trusting(file)).deliver(MESSAGE)
    assert "guess" not in str(error.value) + repr(mailing(server, password="guess"))


def test_a_text_message_is_posted_with_its_key_and_its_id(sms: SmsServer) -> None:
    body = {"to": ["{phone}"], "params": {"content": "【12345】{text}", "ref": "{id}"}, "type": 1, "long": True}
    texting(sms, body=body, key="Bearer k", key_header="X-Auth").deliver(MESSAGE)
    headers, posted = sms.posts[0]
    assert posted == {"to": [PHONE], "params": {"content": f"【12345】{MESSAGE.text}", "ref": MESSAGE.id}, "type": 1, "long": True}
    assert (headers["idempotency-key"], headers["x-auth"], headers["content-type"]) == (MESSAGE.id, "Bearer k", "application/json")


def test_blanks_and_quotes_in_a_message_stay_text(sms: SmsServer) -> None:
    texting(sms).deliver(replace(MESSAGE, text='{phone}","to":"{id}'))
    assert sms.posts[0][1] == {"phone": PHONE, "text": '{phone}","to":"{id}'}


@pytest.mark.parametrize(("status", "fault"), [
    (400, NoticeRefused), (404, NoticeRefused), (422, NoticeRefused), (302, NoticeRefused), (408, NoticeFailed), (409, NoticeFailed),
    (429, NoticeFailed), (500, NoticeFailed), (503, NoticeFailed), (0, NoticeFailed),
])
def test_the_status_decides_whether_to_try_again(sms: SmsServer, status: int, fault: type[Exception]) -> None:
    sms.answers = [(status, f"number {PHONE} is bad")]
    with pytest.raises(fault) as error:
        texting(sms).deliver(MESSAGE)
    assert PHONE not in str(error.value)
    assert len(sms.posts) == 1


def test_a_text_gateway_that_is_silent_or_away_may_be_tried_again(sms: SmsServer) -> None:
    sms.answers = [(-1, "")]
    with pytest.raises(NoticeFailed):
        texting(sms, client=sms_client(0.2)).deliver(MESSAGE)
    with pytest.raises(NoticeFailed):
        replace(texting(sms), url=f"http://127.0.0.1:{nobody_listens()}/").deliver(MESSAGE)


@pytest.mark.parametrize(("said", "taken"), [
    ('{"code": 0}', True), ('{"code": "0", "id": 7}', True), ('{"code": 17}', False), ('{"message": "0"}', False), ("[0]", False), ("", False),
    ("OK", False), ('{"code": false}', False), ("[" * 9000, False),
])
def test_a_gateway_that_answers_200_to_everything_is_read(sms: SmsServer, said: str, taken: bool) -> None:
    sms.answers = [(200, said)]
    gateway = texting(sms, success=("code", "0"))
    if taken:
        gateway.deliver(MESSAGE)
    else:
        with pytest.raises(NoticeFailed):
            gateway.deliver(MESSAGE)
    assert len(sms.posts) == 1


def test_a_stored_ticket_is_told_once_through_the_configured_gateway(tmp_path: Path, sms: SmsServer) -> None:
    settings = load_settings({"HOTLINE_DATA_DIR": str(tmp_path), "HOTLINE_NOTICES": "sms", "HOTLINE_SMS_URL": sms.url,
                              "HOTLINE_SMS_KEY": "Bearer k"}, Path("none.env"))
    migrate(settings.database)
    tickets = build(settings, None, lambda text: ())
    number = tickets.open(NewTicket(TicketType.HELP, "路灯坏了", "web", "request-1", region="370102", phone=PHONE), AT).ticket.number
    database, cipher = connect(settings.database), load_cipher(settings.personal_keys)
    sms.answers = [(503, ""), (200, "")]
    with capture_logs() as logs:
        with pytest.raises(NoticeFailed):
            build_notifier(settings, SqlTickets(database, cipher), cipher).send(f"{number}-2-opened", "opened", number, AT)
        for _ in range(3):  # as a worker does that was killed before it could note that it was done
            build_notifier(settings, SqlTickets(database, cipher), cipher).send(f"{number}-2-opened", "opened", number, AT)
    database.close()
    assert [(headers["idempotency-key"], body["id"], body["phone"]) for headers, body in sms.posts] == [(f"{number}-2-opened",) * 2 + (PHONE,)] * 2
    assert number in sms.posts[1][1]["text"]
    assert PHONE not in str(logs)
    assert not [file for file in (tmp_path / "notices-sent").rglob("*") if file.is_file() and PHONE in file.read_text(encoding="utf-8")]
