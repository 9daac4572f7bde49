"""The `hotline` command: what it lists, and wrong use that ends with a clear word and a non-zero code."""

from __future__ import annotations

import io
import json
import re
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from filelock import FileLock
from rich.console import Console
from typer.testing import CliRunner

from cli import asking, common, main, supervisor
from cli.asking import GatewayClient, NotUnderstood, gateway, print_turn
from cli.children import Child
from cli.supervisor import CannotServe, Supervisor, answers, free_port, require_port
from core.settings import Settings
from knowledge.errors import Fault, KnowledgeFaulty


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, and screens wide enough that no word is cut."""
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for console in (common.console, common.errors):
        monkeypatch.setattr(console, "_width", 240)
    return tmp_path


def hotline(*arguments: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(main.app, list(arguments))


def failed(result: Result) -> str:
    """Return what a command said when it failed by itself, not by accident."""
    assert result.exit_code not in (0, None), result.stdout
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stderr


# --- wrong use -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("arguments", "words"), [
    (("admin", "key", "--role", "king"), "没有 king 这个角色，可选：ivr、operator、department、supervisor、editor、admin"),
    (("admin", "key", "--role", "[/x]"), "没有 [/x] 这个角色"),
    (("items", "show", "no-such-item"), "没有代码为 no-such-item 的记录。用 hotline items 看全部。"),
    (("items", "show", "[/red]"), "没有代码为 [/red] 的记录"),
    (("items", "show", "marriage-registration", "--region", "999999"), "没有代码为 999999 的区划，例如济南市是 370100。"),
    (("ask", "身份证丢了", "--region", "济南"), "没有代码为 济南 的区划"),
    (("chat", "--region", "1"), "没有代码为 1 的区划"),
    (("ask", "身份证丢了"), "热线助手没有在运行。请先在另一个窗口运行 make serve。"),
    (("chat",), "热线助手没有在运行。请先在另一个窗口运行 make serve。"),
], ids=["unknown role", "a role like a mark", "unknown item", "an item like a mark", "unknown region", "a region by its name", "no region", "ask without a server",
        "chat without a server"])
def test_wrong_use_is_told_in_one_line_and_ends_with_one(data: Path, arguments: tuple[str, ...], words: str) -> None:
    result = hotline(*arguments)
    assert result.exit_code == 1
    said = failed(result)
    assert said.startswith("错误 ")
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    ("nonsense",), ("ask",), ("items", "show", "a", "b"), ("items", "restore", "a", "0"), ("tickets", "--limit", "0"), ("tickets", "--limit", "many"), ("admin", "key"), ("admin", "lock"), ("train", "--now"),
], ids=" ".join)
def test_a_command_line_that_makes_no_sense_ends_with_two(data: Path, arguments: tuple[str, ...]) -> None:
    assert hotline(*arguments).exit_code == 2


@pytest.mark.parametrize(("key", "value", "words"), [
    ("HOTLINE_COLOUR", "secret-red", "设置有误：unknown setting: HOTLINE_COLOUR"), ("HOTLINE_PORT", "secret-port", "设置有误：ill-typed setting: HOTLINE_PORT"),
])
@pytest.mark.parametrize("command", [("serve",), ("ask", "身份证"), ("chat",), ("tickets",), ("admin", "key", "--role", "ivr")], ids=lambda command: command[0])
def test_a_wrong_setting_is_named_without_its_value(data: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], key: str, value: str, words: str) -> None:
    monkeypatch.setenv(key, value)
    result = hotline(*command)
    assert failed(result) == f"错误 {words}\n"
    assert value not in result.stdout + result.stderr


@pytest.mark.parametrize("command", [("items",), ("items", "show", "marriage-registration")], ids=["all", "one"])
def test_faulty_knowledge_is_told_with_file_and_line(data: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    def broken(settings: Settings) -> None:
        raise KnowledgeFaulty((Fault("lamps.yml", 3, "'kind' is '[x]'"),))

    monkeypatch.setattr("cli.items.open_store", broken)
    assert failed(hotline(*command)) == "错误 知识库有误，请先改正：\nlamps.yml:3: 'kind' is '[x]'\n"


# --- right use -------------------------------------------------------------------------------------------------------
def test_items_are_listed_and_one_is_shown_whole(data: Path) -> None:
    listed, shown = hotline("items"), hotline("items", "show", "marriage-registration", "--region", "370102")
    assert (listed.exit_code, shown.exit_code) == (0, 0)
    assert "marriage-registration" in listed.stdout
    assert "hotline-scope" in listed.stdout
    assert [word for word in ("结婚登记（marriage-registration）", "双方的居民身份证", "咨询电话", "核对日期") if word not in shown.stdout] == []


def test_a_key_is_made_and_shown_once(data: Path) -> None:
    first, second = (hotline("admin", "key", "--role", "ivr").stdout.strip() for _ in range(2))
    assert re.fullmatch(r"hk_\S{20,}", first)
    assert first != second
    assert not any(first.encode() in file.read_bytes() for file in data.iterdir() if file.is_file())


def test_without_tickets_it_says_so(data: Path) -> None:
    result = hotline("tickets")
    assert (result.exit_code, result.stdout) == (0, "还没有工单。\n")


# --- asking the running product --------------------------------------------------------------------------------------
TURN = {"outcome": "answered", "facet": "fee", "messages": [
    {"author": "bot", "text": "每证40元。[/b]", "card": {"rows": [{"title": "收费", "lines": ["每证40元[注]"]}]}, "options": ["转人工", "[/登记]"]}]}
MATCH = {"decision": "answer", "facet": "fee", "candidates": [{"name": "居民身份证丢失补领", "score": 0.912}]}


def product(monkeypatch: pytest.MonkeyPatch, routes: dict[str, tuple[int, Any]], asked: list[httpx.Request]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        status, body = routes[request.url.path]
        return httpx.Response(status, **({"text": body} if isinstance(body, str) else {"json": body}))

    real = httpx.Client
    monkeypatch.setattr(asking.httpx, "Client", lambda **options: real(**{**options, "transport": httpx.MockTransport(answer)}))


def test_a_question_is_told_with_route_match_facet_and_answer(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "run.json").write_text(json.dumps({"gateway": "http://127.0.0.1:9"}), encoding="utf-8")
    asked: list[httpx.Request] = []
    product(monkeypatch, {"/v1/chat/sessions": (200, {"session_id": "s1", "token": "t1", "greeting": {"text": "您好"}}),
                          "/v1/knowledge/match": (200, MATCH), "/v1/chat/sessions/s1/messages": (200, TURN)}, asked)
    result = hotline("ask", "补身份证多少钱", "--region", "370102")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "走向  answered\n匹配  answer：居民身份证丢失补领 0.91\n要素  fee\n" in result.stdout
    assert [text for text in ("每证40元。[/b]", "收费  每证40元[注]", "可选：转人工　[/登记]") if text not in result.stdout] == []
    assert json.loads(asked[0].content) == {"region": "370102"}
    assert json.loads(asked[1].content) == {"text": "补身份证多少钱", "region": "370102"}
    assert asked[2].headers["Authorization"] == "Bearer t1"
    assert json.loads(asked[2].content)["text"] == "补身份证多少钱"


@pytest.mark.parametrize(("status", "body", "words"), [
    (422, {"error": {"code": "invalid", "message": "没有这个区划。"}}, "没有这个区划。"), (500, {"error": {}}, "HTTP 500"), (502, "bad gateway", "HTTP 502"), (500, [], "HTTP 500"),
], ids=["its own words", "no words", "no JSON", "another form"])
def test_what_the_gateway_refuses_is_told(data: Path, monkeypatch: pytest.MonkeyPatch, status: int, body: Any, words: str) -> None:
    (data / "run.json").write_text(json.dumps({"gateway": "http://127.0.0.1:9"}), encoding="utf-8")
    product(monkeypatch, {"/v1/chat/sessions": (status, body)}, [])
    assert failed(hotline("ask", "补身份证")) == f"错误 {words}\n"


def test_an_address_left_behind_by_a_dead_product_is_not_an_answer(data: Path) -> None:
    with pytest.raises(NotUnderstood, match="网关没有应答"):
        GatewayClient(f"http://127.0.0.1:{free_port()}", None)


@pytest.mark.parametrize("text", ["", "not json", "{}"])
def test_a_run_file_without_an_address_means_that_nothing_runs(data: Path, text: str) -> None:
    (data / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotUnderstood, match="没有在运行"):
        gateway(Settings(data_dir=data))


def test_the_callers_own_words_are_not_printed_back() -> None:
    screen = io.StringIO()
    print_turn(Console(file=screen, width=80), {"messages": [{"author": "caller", "text": "我的话"}, {"author": "operator", "text": "座席的话"}]})
    assert ("我的话" in screen.getvalue(), "座席的话" in screen.getvalue()) == (False, True)


# --- serving ---------------------------------------------------------------------------------------------------------
def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=f"端口 {port} 已被别的程序占用。请停掉它，或换一个：HOTLINE_PORT={port + 1} make serve"):
            require_port("127.0.0.1", port)
    assert require_port("127.0.0.1", free_port()) is None


def test_serving_on_a_taken_port_changes_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("HOTLINE_PORT", str(taken.getsockname()[1]))
        assert f"端口 {taken.getsockname()[1]} 已被别的程序占用" in failed(hotline("serve"))
    assert {file.name for file in data.iterdir()} <= {"serve.lock"}


@pytest.mark.parametrize(("run", "address"), [('{"gateway": "http://127.0.0.1:8000"}', "http://127.0.0.1:8000"), (None, "地址还未知（正在启动）")])
def test_a_second_product_on_the_same_data_says_where_the_first_is(data: Path, run: str | None, address: str) -> None:
    if run:
        (data / "run.json").write_text(run, encoding="utf-8")
    with FileLock(str(data / "serve.lock")):
        said = failed(hotline("serve"))
    assert said == f"错误 这个数据目录上已经有一个在运行：{address}。什么也没有改动。\n"
    assert {file.name for file in data.iterdir()} == {"serve.lock", *(["run.json"] if run else [])}


def test_a_part_that_dies_for_good_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    screen = io.StringIO()
    whole = Supervisor(Settings(data_dir=tmp_path), Console(file=screen, width=200))
    dead = Child("rasa", ["false"], {}, tmp_path / "rasa.log", lambda: False)
    dead.log.write_text("[2026-11-20 09:30:00] [/webhook] no such model\n", encoding="utf-8")
    whole._report(dead)
    assert screen.getvalue() == f"✗ rasa 起不来，全部停止。 日志：{dead.log}\n [2026-11-20 09:30:00] [/webhook] no such model\n"


@pytest.mark.parametrize(("status", "ready"), [(200, True), (204, True), (302, False), (404, False), (500, False), (503, False)])
def test_only_an_answer_in_the_two_hundreds_means_ready(monkeypatch: pytest.MonkeyPatch, status: int, ready: bool) -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status)))
    monkeypatch.setattr(supervisor.httpx, "Client", lambda **_: client)
    assert answers("http://127.0.0.1:1/health")() is ready


def test_no_answer_at_all_means_not_ready() -> None:
    assert answers(f"http://127.0.0.1:{free_port()}/")() is False


def test_a_name_with_marks_in_it_is_shown_as_it_stands(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("标识,事项名称,事项类型,实施主体\nodd,甲证[/b]核发,公共服务,城管\n", encoding="utf-8")
    assert hotline("import", str(file)).exit_code == 0
    assert "甲证[/b]核发" in hotline("items").stdout
    assert "甲证[/b]核发" in hotline("items", "show", "odd").stdout


def test_a_dry_run_writes_nothing_that_was_not_there(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("标识,事项名称,事项类型,实施主体\nodd,甲证核发,公共服务,城管\n", encoding="utf-8")
    assert hotline("import", str(file), "--dry-run").exit_code == 0
    assert hotline("items", "show", "odd").exit_code == 1
