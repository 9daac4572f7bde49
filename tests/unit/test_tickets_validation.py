from dataclasses import replace
from typing import Any

import pytest

from tests.support.ticket_store import NEW
from tickets.errors import InvalidTicket
from tickets.model import NewTicket, TicketType
from tickets.validation import checked, phone_digits, scrubbed
from tickets.vocabulary import Queue

LAMP = NewTicket(TicketType.HELP, "小区门口路灯坏了", "web", phone="138 1234 5678")


@pytest.mark.parametrize(("change", "field"), [
    ({"text": "  "}, "text"), ({"text": "长" * 5001}, "text"), ({"phone": "12345"}, "phone"), ({"phone": "一二三四五六七"}, "phone"),
    ({"region": "110000"}, "region"), ({"source_channel": ""}, "source_channel"), ({"name": "王" * 51}, "name"),
    ({"address": "路" * 501}, "address"), ({"request_id": "x" * 201}, "request_id"),
])
def test_what_cannot_be_taken_is_refused_by_field(change: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidTicket) as error:
        checked(replace(LAMP, **change))  # type: ignore[arg-type]
    assert error.value.field == field
    assert error.value.code == "invalid_ticket"


def test_five_thousand_characters_are_taken_and_control_characters_dropped() -> None:
    assert checked(replace(LAMP, text="路\x00灯\ud800" + "坏" * 4998)).text == "路灯" + "坏" * 4998


@pytest.mark.parametrize(("said", "digits"), [
    ("138 1234 5678", "13812345678"), ("+86-138-1234-5678", "13812345678"), ("0531-88881234", "053188881234"),
    ("(0531) 8888 1234", "053188881234"), ("88881234", "88881234"), ("１３８１２３４５６７８", "13812345678"), ("400-123-4567", "4001234567"),
])
def test_a_phone_becomes_digits(said: str, digits: str) -> None:
    assert phone_digits(said) == digits


@pytest.mark.parametrize(("text", "stored"), [
    ("我叫王建国，电话13812345678，有人偷排", "我叫（姓名已隐去），电话（电话已隐去），有人偷排"),
    ("打138 1234 5678，骗子的号是13900001111", "打（电话已隐去），骗子的号是139********"),
    ("幺三八，幺二三四，五六七八找我", "（电话已隐去）找我"),
], ids=["name and phone", "no number is left whole", "spoken"])
@pytest.mark.parametrize("wish", [{"anonymous": True}, {"confidential": True}], ids=["anonymous", "confidential"])
def test_who_wants_to_stay_hidden_is_taken_out_of_the_text_and_title(text: str, stored: str, wish: dict[str, bool]) -> None:
    new = checked(replace(LAMP, text=text, title=text, name="王建国", **wish))  # type: ignore[arg-type]
    assert (new.text, new.title) == (stored, stored)


def test_anonymous_keeps_no_name_and_no_phone_and_confidential_keeps_both() -> None:
    hidden, kept = (checked(replace(LAMP, name="王建国", **wish)) for wish in ({"anonymous": True}, {"confidential": True}))  # type: ignore[arg-type]
    assert (hidden.name, hidden.phone) == (None, None)
    assert (kept.name, kept.phone) == ("王建国", "13812345678")


# Made up; the check characters are right (GB 11643).
ID, FEMALE = "11010519491231002X", "440524188001010014"


@pytest.mark.parametrize(("said", "stored"), [
    (ID, ID), ("11010519491231002x", ID), (" 110105 19491231 002X ", ID), ("110105-19491231-002x", ID), ("１１０１０５１９４９１２３１００２Ｘ", ID), (FEMALE, FEMALE),
], ids=["as it is", "small x", "in groups", "with dashes", "full width", "digit at the end"])
def test_an_id_number_becomes_eighteen_characters(said: str, stored: str) -> None:
    assert checked(replace(LAMP, id_number=said)).id_number == stored


@pytest.mark.parametrize("said", [
    "110105194912310021", "11010519491231003X", "1101051949123100X2", "11010519491231002", "11010519491231002XX", "110105491231002", "一一零一零五",
    "110105194913310021", "110105194902290029", "010105194912310026", "11010519491231٠٠٢X",
], ids=["wrong check digit", "one digit changed", "X in the middle", "too short", "too long", "the old fifteen digits", "words", "thirteenth month", "no leap year",
        "no such region", "other digits"])
def test_an_id_number_that_cannot_be_is_refused(said: str) -> None:
    with pytest.raises(InvalidTicket, match="身份证号好像不对") as error:
        checked(replace(LAMP, id_number=said))
    assert error.value.field == "id_number"


@pytest.mark.parametrize("none", [None, "", "  "])
def test_nobody_has_to_give_an_id_number(none: str | None) -> None:
    assert checked(replace(LAMP, id_number=none)).id_number is None


def test_two_digits_exchanged_are_always_noticed() -> None:
    for n in range(len(FEMALE) - 1):
        swapped = FEMALE[:n] + FEMALE[n + 1] + FEMALE[n] + FEMALE[n + 2:]
        if swapped != FEMALE:
            with pytest.raises(InvalidTicket):
                checked(replace(LAMP, id_number=swapped))


@pytest.mark.parametrize("wish", [{"anonymous": True}, {"confidential": True}, {"type": TicketType.REPORT}], ids=["anonymous", "confidential", "report"])
@pytest.mark.parametrize("said", [ID, "11010519491231002x", "110105 19491231 002Ｘ", "幺幺零幺零五，幺九四九，幺二三幺，零零二叉", "１１０１０５１９４９１２３１００２X"])
def test_the_id_number_of_who_stays_hidden_is_taken_out_of_text_and_title(wish: dict[str, Any], said: str) -> None:
    new = checked(replace(LAMP, text=f"我的号是{said}，电话13812345678，他的是{FEMALE}", title=f"{said}被冒用", id_number=ID, **wish))
    assert (new.text, new.title) == (f"我的号是（身份证号已隐去），电话（电话已隐去），他的是{'*' * 18}", "（身份证号已隐去）被冒用")
    assert new.id_number == (None if new.anonymous else ID)


def test_who_does_not_hide_keeps_his_words() -> None:
    assert checked(replace(LAMP, text=f"我的号是{ID}", id_number=ID)).text == f"我的号是{ID}"


@pytest.mark.parametrize(("said", "read"), [
    ("电话138....1234__5678", "电话（电话已隐去）"), ("1-3-8-1-2-3-4-5-6-7-8", "（电话已隐去）"), ("13812——34（）5678", "（电话已隐去）"),
    ("我是王 建国", "我是（姓名已隐去）"), ("我是王建　国", "我是（姓名已隐去）"),
], ids=["dots", "dashes", "brackets", "a blank in the name", "a wide blank"])
def test_signs_between_digits_and_blanks_in_a_name_hide_nobody(said: str, read: str) -> None:
    assert checked(replace(LAMP, text=said, name="王建国", confidential=True)).text == read


@pytest.mark.parametrize("wish", [{"anonymous": True}, {"confidential": True}, {"type": TicketType.REPORT}], ids=["anonymous", "confidential", "report"])
@pytest.mark.parametrize("field", ["text", "title", "who", "when", "cause", "address"])
def test_a_number_that_nobody_gave_as_his_own_is_hidden_wherever_it_is_said(wish: dict[str, Any], field: str) -> None:
    new = checked(replace(LAMP, phone=None, **{field: "打13900001111找我", **wish}))
    assert getattr(new, field) == "打139********找我"


def test_plates_houses_and_dates_of_a_hidden_caller_stay() -> None:
    told = "2026年11月5日（2026-11-05）鲁A12345停在解放路100号3号楼2单元501室门口，鲁AD12345也在"
    assert checked(replace(LAMP, text=told, anonymous=True)).text == told


def test_a_title_that_hiding_makes_longer_still_fits() -> None:
    assert len(str(checked(replace(LAMP, title="王建" * 50, name="王建", confidential=True)).title)) == 100


FIRM = replace(LAMP, type=TicketType.COMPLAINT, queue=Queue.BUSINESS, confidential=True, matter={"enterprise": "海天商贸有限公司"})


def test_the_words_of_a_hidden_firm_do_not_name_it() -> None:
    new = checked(replace(FIRM, text="我们海天商贸有限公司办证被拖，海天商贸等了三个月"))
    assert new.text == "我们（企业名称已隐去）办证被拖，（企业名称已隐去）等了三个月"
    assert new.matter["enterprise"] == "海天商贸有限公司"


def test_a_firm_that_was_not_said_takes_no_word_away() -> None:
    assert checked(replace(FIRM, matter={"enterprise": "未说明"}, text="原因未说明")).text == "原因未说明"


def test_later_words_are_hidden_the_same_way() -> None:
    ticket = replace(NEW, matter={"enterprise": "海天商贸有限公司"})
    assert scrubbed("王 建国，138...12345678，海天商贸，另一个号13900001111", ticket) == "（姓名已隐去），（电话已隐去），（企业名称已隐去），另一个号139********"
    open_one = replace(ticket, type=TicketType.HELP, confidential=False)
    assert scrubbed("王建国，13812345678", open_one) == "王建国，13812345678"
