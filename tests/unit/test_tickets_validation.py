from dataclasses import replace

import pytest

from tickets.errors import InvalidTicket
from tickets.model import NewTicket, TicketType
from tickets.validation import checked, phone_digits

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
    ("打138 1234 5678，骗子的号是13900001111", "打（电话已隐去），骗子的号是13900001111"),
    ("幺三八，幺二三四，五六七八找我", "（电话已隐去）找我"),
], ids=["name and phone", "another's number stays, it is evidence", "spoken"])
@pytest.mark.parametrize("wish", [{"anonymous": True}, {"confidential": True}], ids=["anonymous", "confidential"])
def test_who_wants_to_stay_hidden_is_taken_out_of_the_text_and_title(text: str, stored: str, wish: dict[str, bool]) -> None:
    new = checked(replace(LAMP, text=text, title=text, name="王建国", **wish))  # type: ignore[arg-type]
    assert (new.text, new.title) == (stored, stored)


def test_anonymous_keeps_no_name_and_no_phone_and_confidential_keeps_both() -> None:
    hidden, kept = (checked(replace(LAMP, name="王建国", **wish)) for wish in ({"anonymous": True}, {"confidential": True}))  # type: ignore[arg-type]
    assert (hidden.name, hidden.phone) == (None, None)
    assert (kept.name, kept.phone) == ("王建国", "13812345678")
