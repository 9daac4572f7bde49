"""Older tickets in, open data out, through the commands and a real database."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from core.cipher import load_cipher
from core.clock import SHANGHAI
from core.db import migrate
from core.settings import Settings
from tickets.bootstrap import build
from tickets.doing import Actor, Details
from tickets.model import NewTicket, TicketType
from tickets.vocabulary import Act, Grade, Queue, Result, Role, Status

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
HEAD = "单号,类别,内容,来电,日期,答复,办完,评价\n"
ROWS = ("A1,求助,=路灯坏了,13812345678,2026-03-02,修好了,2026-03-04,好\n"
        "A2,求助,井盖丢了,,2026-03-02,,,\n"
        "A3,求助,水管漏水,,哪天,,,\n")
MAPPING = """
number: 单号
type: 类别
text: 内容
phone: 来电
opened_at: 日期
answer: 答复
closed_at: 办完
rating: {from: 评价, values: {好: 满意, 差: 不满意}}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data"))
    settings = Settings(data_dir=tmp_path / "data")
    migrate(settings.database, load_cipher(settings.personal_keys))
    return settings


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def imported(folder: Path, *options: str) -> tuple[int, str]:
    (folder / "old.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (folder / "map.yml").write_text(MAPPING, encoding="utf-8")
    return run("import-tickets", str(folder / "old.csv"), "--mapping", str(folder / "map.yml"), *options)


def test_rows_come_in_once_and_a_faulty_one_is_told(settings: Settings, tmp_path: Path) -> None:
    code, told = imported(tmp_path)
    assert code == 1 and "已导入 2 张" in told and "拒收 1 行" in told and "不是日期" in told
    assert "原来就有 2 张" in imported(tmp_path)[1]
    service = build(settings, None)
    closed = [ticket for ticket in service.recent(10) if ticket.closed_at]
    assert [(ticket.phone, ticket.answer, ticket.rating and ticket.rating.value) for ticket in closed] == [("13812345678", "修好了", "满意")]
    assert service.repository.of_phone("13812345678", 5)[0].number == closed[0].number


def test_an_import_leaves_nothing_of_the_past_to_be_done(settings: Settings, tmp_path: Path) -> None:
    row = "B1,求助,路灯坏了,13812345678,2026-03-02,修好了,2026-03-04,差\n"
    (tmp_path / "old.csv").write_text(HEAD + row, encoding="utf-8")
    (tmp_path / "map.yml").write_text(MAPPING, encoding="utf-8")
    assert run("import-tickets", str(tmp_path / "old.csv"), "--mapping", str(tmp_path / "map.yml"))[0] == 0
    service = build(settings, None)
    ticket = service.recent(10)[0]
    assert (ticket.status, ticket.rating) == (Status.ARCHIVED, Grade.BAD)
    assert list(service.repository.awake(datetime(2099, 1, 1, tzinfo=SHANGHAI), 10)) == []


@pytest.mark.parametrize(("rule", "code"), [("{from: 类别, default: 求助}", 0), ("{default: 求助}", 0), ("类别", 1)],
                         ids=["a column with a default", "a default alone", "no default"])
def test_an_empty_type_is_refused_unless_the_mapping_has_a_default(settings: Settings, tmp_path: Path, rule: str, code: int) -> None:
    (tmp_path / "old.csv").write_text(HEAD + "C1,,路灯坏了,,2026-03-02,,,\n", encoding="utf-8")
    (tmp_path / "map.yml").write_text(MAPPING.replace("type: 类别", f"type: {rule}"), encoding="utf-8")
    assert run("import-tickets", str(tmp_path / "old.csv"), "--mapping", str(tmp_path / "map.yml"))[0] == code


def test_a_trial_writes_nothing(settings: Settings, tmp_path: Path) -> None:
    assert "可以导入 2 张" in imported(tmp_path, "--dry-run")[1]
    assert not build(settings, None).recent(10)


@pytest.mark.parametrize(("mapping", "told"), [("nobody: 单号", "没有“nobody”"), ("[1, 2]", "我们的字段"), ("number: [1]", "列名"), ("a: b: c", "读不了")],
                         ids=["unknown field", "a list", "no column", "no YAML"])
def test_a_faulty_mapping_changes_nothing_and_says_why(settings: Settings, tmp_path: Path, mapping: str, told: str) -> None:
    (tmp_path / "old.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (tmp_path / "map.yml").write_text(mapping, encoding="utf-8")
    code, output = run("import-tickets", str(tmp_path / "old.csv"), "--mapping", str(tmp_path / "map.yml"))
    assert code == 1 and told in output
    assert not build(settings, None).recent(10)


def test_open_data_holds_nothing_of_callers_and_no_report(settings: Settings, tmp_path: Path) -> None:
    service = build(settings, None)
    number = service.open(NewTicket(TicketType.HELP, "路灯坏了，我叫王建国", "web", name="王建国", phone="13812345678", region="370102",
                                    latitude=36.66512, longitude=117.02034), AT).ticket.number
    service.open(NewTicket(TicketType.REPORT, "工厂偷排污水", "web", phone="13812345679"), AT)
    table, places = tmp_path / "open.csv", tmp_path / "open.geojson"
    for target in (table, places):
        code, told = run("open-data", str(target), "--from", "2026-11-01", "--to", "2026-11-30")
        assert code == 0 and "1 件" in told
        text = target.read_text(encoding="utf-8-sig")
        assert not [secret for secret in ("王建国", "138", number, "36.66512", "偷排") if secret in text]
    assert [row["分类"] for row in csv.DictReader(table.open(encoding="utf-8-sig"))] == ["路灯不亮"]
    feature = json.loads(places.read_text(encoding="utf-8"))["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [117.02, 36.665]}


def test_a_failed_export_leaves_the_older_file(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = build(settings, None)
    service.open(NewTicket(TicketType.HELP, "路灯坏了", "web", phone="13812345678", latitude=36.66512, longitude=117.02034), AT)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for suffix, part in ((".csv", "row"), (".geojson", "feature")):
        target = tmp_path / f"open{suffix}"
        target.write_text("older", encoding="utf-8")
        monkeypatch.setattr(f"tickets.open_data.{part}", broken)
        code, told = run("open-data", str(target), "--from", "2026-11-01", "--to", "2026-11-30")
        assert code == 1 and "写不了" in told
        assert target.read_text(encoding="utf-8") == "older"
    assert not list(tmp_path.glob(".hotline-export-*"))


def test_typical_cases_are_those_whose_caller_agreed(settings: Settings, tmp_path: Path) -> None:
    service = build(settings, None)
    base = NewTicket(TicketType.COMPLAINT, "办证被拖了三个月", "web", phone="13812345678", region="370102", queue=Queue.BUSINESS,
                     matter={"enterprise": "海天商贸有限公司", "publish": True})
    still_open, *closed = (service.open(new, AT).ticket for new in (
        replace(base, text="还没办完"), base, replace(base, matter={**base.matter, "publish": False}), replace(base, confidential=True)))
    operator = Actor(Role.OPERATOR, "一号")
    for ticket in closed:
        office = Actor(Role.DEPARTMENT, "小张", ticket.department, ticket.office_region)
        if ticket.status is Status.ACCEPTED:
            service.act(ticket.number, Act.DISPATCH, by=operator, at=AT)
        service.act(ticket.number, Act.RECEIVE, by=office, at=AT)
        service.act(ticket.number, Act.REPLY, by=office, at=AT, note="经核查，海天商贸有限公司反映属实，已为海天商贸办结，联系电话053188881234",
                    details=Details(result=Result.SOLVED))
        service.act(ticket.number, Act.APPROVE, by=operator, at=AT)
    target = tmp_path / "typical.csv"
    code, told = run("open-data", "--typical", str(target), "--from", "2026-11-01", "--to", "2026-11-30")
    assert code == 0 and "1 个典型问题" in told
    rows = list(csv.DictReader(target.open(encoding="utf-8-sig")))
    assert [(row["区县"], row["办结月份"], row["办理结果"]) for row in rows] == [("历下区", "2026-11", "已解决")]
    assert rows[0]["答复"] == "经核查，某企业反映属实，已为某企业办结，联系电话************"
    assert still_open.number not in target.read_text(encoding="utf-8-sig")


def test_open_data_wants_a_file_to_write(settings: Settings) -> None:
    assert run("open-data", "--from", "2026-11-01", "--to", "2026-11-30")[0] == 1
