import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core.logs import configure_logs, get_logger
from core.pii import mask


@pytest.mark.parametrize(("text", "masked"), [
    ("我电话13812345678", "我电话138********"),
    ("138 1234 5678", "138********"),
    ("138-1234-5678打这个", "138********打这个"),
    ("+86 13812345678", "138********"),
    ("１３８１２３４５６７８", "138********"),
    ("幺三八零五三一二三四五", "138********"),
    ("幺三八，零五三一，二三四五", "138********"),
    ("0531-88881234", "************"),
    ("(0531)88881234", "(0531)********"),
    ("8888 1234", "********"),
    ("身份证370102199001011234，", "身份证******************，"),
    ("37010219900101123X", "******************"),
    ("370102900101123", "***************"),
    ("卡号6222 0212 3456 7890 123", "卡号*******************"),
    ("写信到zhang.san@example.com.cn吧", "写信到***@***吧"),
    ("单号2026110512345678", "单号************5678"),
    ("单号2026 1105 1234 5678", "单号************5678"),
    ("6222021234567890", "****************"),
], ids=["mobile", "with spaces", "with dashes", "with country code", "full-width", "spoken", "spoken with pauses", "landline",
        "bracketed area code", "local number", "ID number", "ID number ending in X", "old ID number", "bank card", "e-mail",
        "ticket number keeps four", "spaced ticket number", "sixteen digits that are no ticket"])
def test_personal_numbers_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", [
    "打12345", "2026-11-05 10:00:00", "2026-11-05T10:00:00.123456", "20261105前办结", "区划370102", "要3份材料", "一二三四",
    "二零二六年十一月", "0b9a3c1e-7c1d-4b52-9a0e-2f4d5c6b7a81", "9f86d081884c7d659a2feaa0c55ad015",
], ids=["hotline", "moment", "ISO moment", "date", "region", "count", "counting", "spoken year", "UUID", "hex id"])
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text())
def test_masking_never_fails_and_twice_is_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text("，。abc你好 ", max_size=5), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("，。abc你好 ", max_size=5))
def test_a_mobile_is_found_wherever_it_stands(before: str, phone: str, after: str) -> None:
    assert not re.search(r"\d{4}", mask(before + phone + after))


@pytest.fixture
def fresh_logs() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_logs_are_json_lines_with_every_value_masked(fresh_logs: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("gateway", "INFO")
    get_logger("t").info("turn", text="我是13812345678", deep={"a": ["a@b.cn", {"n": 13812345678}]}, count=3, thing=ValueError("13812345678"))
    get_logger("t").debug("hidden")
    logging.getLogger("library").warning("caller %s", "13812345678")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["service"], ours["event"], ours["level"], ours["text"]) == ("gateway", "turn", "info", "我是138********")
    assert ours["deep"] == {"a": ["***@***", {"n": "138********"}]}
    assert (ours["count"], ours["thing"]) == (3, "ValueError('138********')")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("caller 138********", "warning", "library")


def test_a_traceback_is_masked_too(fresh_logs: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("actions")
    try:
        raise ValueError("身份证370102199001011234")
    except ValueError:
        get_logger("t").exception("failed")
    line = capsys.readouterr().err
    assert "370102199001011234" not in line
    assert "ValueError: 身份证******************" in json.loads(line)["exception"]
