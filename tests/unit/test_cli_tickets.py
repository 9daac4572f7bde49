"""`hotline tickets`, `hotline ticket` and keys for offices: the desk at the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.keys import KeyStore
from cli import common, main
from core.clock import system_clock
from core.db import connect

OFFICE = ("--as", "department", "--office", "城市管理局", "--office-region", "370102")
LAMP = ("ticket", "open", "--type", "求助", "--region", "370102", "--from-file", "-")
TOLD = {"text": "小区门口路灯坏了一个月没人修", "name": "王建国", "phone": "13800001234"}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, and screens wide enough that no word is cut."""
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for console in (common.console, common.errors):
        monkeypatch.setattr(console, "_width", 240)
    return tmp_path


def hotline(*arguments: str, told: object = TOLD) -> Result:
    return CliRunner(mix_stderr=False).invoke(main.app, list(arguments), input=told if isinstance(told, str) else json.dumps(told))


def said(*arguments: str) -> str:
    result = hotline(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(*arguments: str) -> str:
    result = hotline(*arguments)
    assert result.exit_code == 1, result.stdout
    return result.stderr


@pytest.fixture
def number(data: Path) -> str:
    found = re.search(r"\d{16}", said(*LAMP))
    assert found
    return found[0]


def test_a_ticket_goes_from_the_first_word_to_its_end_at_the_terminal(number: str) -> None:
    assert "承办单位已签收（版本 3）" in said("ticket", "act", number, "receive", *OFFICE)
    assert "承办单位已答复（版本 4）" in said("ticket", "act", number, "reply", *OFFICE, "--text", "修好了", "--result", "已解决")
    assert "已办结（版本 6）" in said("ticket", "act", number, "approve")
    trail = said("ticket", "trail", number)
    assert [word for word in ("受理", "派单", "签收", "答复", "审核通过", "办结") if word in trail] == ["受理", "派单", "签收", "答复", "审核通过", "办结"]
    assert "result=已解决" in trail and "城市管理局" in trail


def test_a_list_and_a_ticket_name_nobody_unless_asked_to(number: str) -> None:
    for shown in (said("tickets"), said("ticket", "show", number)):
        assert number in shown
        assert not any(private in shown for private in ("王建国", "13800001234", "1234\n"))
    full = said("ticket", "show", number, "--full")
    assert "王建国，13800001234" in full and "转派（transfer）" in full


def test_a_list_is_narrowed(number: str) -> None:
    assert number in said("tickets", "--status", "dispatched", "--region", "370100", "--department", "城市管理局", "--category", "路灯不亮")
    assert "还没有工单" in said("tickets", "--status", "closed")
    assert "还没有工单" in said("tickets", "--pending", "延期申请")


def test_a_list_is_read_on_where_it_ended(number: str) -> None:
    second = re.search(r"\d{16}", said(*LAMP))
    first = said("tickets", "--limit", "1")
    after = re.search(r"--after (\S+)", first)
    assert second and second[0] in first and after
    assert number in said("tickets", "--limit", "1", "--after", after[1])


@pytest.mark.parametrize(("arguments", "words"), [
    (("act", "receive"), "话务员现在不能签收，只有承办单位可以"),
    (("act", "receive", *OFFICE, "--version", "1"), "刚才有人办过了"),
    (("act", "transfer", "--text", "不归他们"), "请说明承办单位。（department）"),
    (("act", "urge", "--days", "3"), "“催办”用不到这一项，请去掉。（days）"),
    (("show", "--as", "department"), "要同时写 --office 和 --office-region"),
    (("show", "--office", "城市管理局"), "别的身份都不写"),
    (("show", "--as", "department", "--office", "城市管理局", "--office-region", "1"), "没有代码为 1 的区划"),
    (("show", "--as", "department", "--office", "公安局", "--office-region", "370102"), "没有这张工单，或者这个单位看不到它"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_what_is_refused_is_told_in_one_line(number: str, arguments: tuple[str, ...], words: str) -> None:
    told = refused("ticket", arguments[0], number, *arguments[1:])
    assert words in told and told.count("\n") == 1


@pytest.mark.parametrize(("arguments", "words"), [(("ticket", "show", "9" * 16), "没有这张工单"), (("tickets", "--after", "x"), "翻页标记不对"),
                                                  (("tickets", "--region", "济南"), "没有代码为 济南 的区划")])
def test_a_wrong_word_is_told(data: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)


def test_a_departments_key_carries_its_office(data: Path) -> None:
    token = said("admin", "key", "--role", "department", "--department", "城市管理局", "--region", "370102", "--label", "小张").strip()
    key = KeyStore(connect(f"sqlite:///{data / 'hotline.db'}"), system_clock).verify(token)
    assert key is not None
    assert (key.role, key.name, key.department, key.region) == ("department", "小张", "城市管理局", "370102")


@pytest.mark.parametrize("office", [(), ("--department", "城市管理局"), ("--region", "370102")], ids=" ".join)
def test_a_departments_key_is_not_given_without_its_office(data: Path, office: tuple[str, ...]) -> None:
    assert "要同时写 --department 和 --region" in refused("admin", "key", "--role", "department", *office)


def test_no_other_key_is_given_for_an_office(data: Path) -> None:
    assert "别的角色都不写" in refused("admin", "key", "--role", "operator", "--department", "城市管理局", "--region", "370102")


@pytest.mark.parametrize(("told", "words"), [({**TOLD, "phone": "12"}, "电话号码好像不对"), ({"name": "王建国"}, "要一个 JSON 对象"), ("{", "读不了 -")])
def test_what_a_caller_told_must_be_whole(data: Path, told: object, words: str) -> None:
    result = hotline(*LAMP, told=told)
    assert (result.exit_code, words in result.stderr) == (1, True)


def test_what_a_caller_told_is_asked_for_and_is_no_option(data: Path) -> None:
    assert hotline(*LAMP[:-2], told="小区门口路灯坏了\n王建国\n\n").stdout.count("查询码 ") == 1
    assert hotline(*LAMP, "--phone", "13800001234").exit_code == 2


def test_a_ticket_is_held_back_and_has_its_like_listed(number: str) -> None:
    held = said(*LAMP, "--hold")
    assert "已受理，还没有派" in held
    assert number in said("ticket", "similar", re.findall(r"\d{16}", held)[-1])


def test_who_looks_at_a_caller_leaves_a_trace_without_him(number: str, data: Path) -> None:
    said("ticket", "show", number)
    said("ticket", "show", number, "--full")
    said("ledger", str(data / "ledger.csv"), "--callers")
    lines = [json.loads(line) for line in (data / "logs" / "terminal.log").read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["ticket_seen", "ledger_with_callers"]
    assert all(line["by"] for line in lines) and "王建国" not in str(lines) and number[:12] not in str(lines)
