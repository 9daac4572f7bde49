"""`hotline desk` as it runs: in a terminal of its own, against a scripted gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.support.desk_frames import ID
from tests.support.desk_peer import KEY, DeskPeer
from tests.support.fake_rasa import serving
from tests.support.terminal import ENTER, F2, F3, F8, F10, PATIENCE, Terminal, wait, without_escapes


@pytest.fixture
def peer() -> DeskPeer:
    return DeskPeer()


@pytest.fixture
def address(peer: DeskPeer) -> Iterator[str]:
    with serving(peer.app) as base:
        yield base


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "seat.key"
    file.touch(mode=0o600)
    file.write_text(f"{KEY}\n")
    return file


@pytest.fixture
def terminal(address: str, key_file: Path) -> Iterator[Terminal]:
    seat = Terminal("desk", "--url", address, "--key-file", str(key_file), "--skills", "general", "--region", "370102")
    yield seat
    seat.close()


def test_a_conversation_is_taken_talked_in_and_ended(terminal: Terminal, peer: DeskPeer) -> None:
    terminal.until("等候的人（1）", "心理危机", "历下区")
    assert "\x07" in terminal.output
    assert peer.frames[0] == {"type": "ready", "skills": ["general"], "region": "370102"}
    terminal.press(F2)
    terminal.until("来电人：我要找人工", "一上来就要找人工", "身份证补领", "等候的人（0）")
    terminal.press("您好" + ENTER)
    wait(lambda: peer.said("operator") == ["您好"])
    terminal.until("坐席：您好")
    terminal.press(F3)
    terminal.until("> 带上户口簿。")
    assert peer.said("operator") == ["您好"]
    terminal.press("复印件也行" + ENTER)
    wait(lambda: peer.said("operator") == ["您好", "带上户口簿。复印件也行"])
    assert [frame["item"] for frame in peer.frames if "item" in frame] == ["x"]
    terminal.until("坐席：带上户口簿")
    terminal.press(F8)
    terminal.until("按回车确认")
    terminal.press(ENTER)
    wait(lambda: peer.owner == "bot")
    terminal.until("会话已结束")
    terminal.press(F10)
    assert terminal.process.wait(PATIENCE) == 0


def test_a_cut_line_loses_and_doubles_nothing(terminal: Terminal, peer: DeskPeer) -> None:
    terminal.until("等候的人（1）")
    terminal.press(F2)
    terminal.until("来电人：我要找人工")
    peer.lost = 2  # kept by the gateway, but its word of it never arrives
    terminal.press("第一句" + ENTER)
    wait(lambda: peer.streams >= 2)
    peer.caller_says("断线时说的")
    wait(lambda: not peer.lost and peer.streams >= 3)
    terminal.press("第二句" + ENTER)
    wait(lambda: peer.said("operator") == ["第一句", "第二句"])
    terminal.until("坐席：第一句", "来电人：断线时说的", "坐席：第二句", "已连接")
    assert peer.said("operator") == ["第一句", "第二句"]


def test_the_words_of_a_caller_cannot_act_on_the_terminal(terminal: Terminal, peer: DeskPeer) -> None:
    terminal.until("等候的人（1）")
    terminal.press(F2)
    terminal.until("来电人：我要找人工")
    peer.caller_says("\x1b]0;换了标题\x07\x1b[2J看不见")
    terminal.until("来电人：看不见")
    assert "换了标题" not in terminal.output
    assert {frame["id"] for frame in peer.frames if "id" in frame} == {ID}


def test_a_key_that_is_revoked_ends_the_program_and_says_so(terminal: Terminal, peer: DeskPeer) -> None:
    terminal.until("等候的人（1）")
    peer.cut(and_refuse=True)
    assert terminal.process.wait(PATIENCE) == 1
    wait(lambda: "密钥没有通过" in without_escapes(terminal.output))


def test_a_wrong_key_is_told_before_the_screen_opens(address: str, tmp_path: Path) -> None:
    seat = Terminal("desk", "--url", address, HOTLINE_OPERATOR_KEY="hk_other")
    try:
        assert seat.process.wait(PATIENCE) == 1
        wait(lambda: "密钥没有通过" in without_escapes(seat.output))
        assert "\x1b[?1049h" not in seat.output
    finally:
        seat.close()


def test_without_a_key_the_command_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_OPERATOR_KEY", raising=False)
    for words in ([], ["--key-file", str(tmp_path / "none")]):
        told = CliRunner(mix_stderr=False).invoke(app, ["desk", "--url", "http://127.0.0.1:1", *words], env={"COLUMNS": "300"})
        assert told.exit_code == 1
        assert "hotline admin key --role operator" in told.stderr.replace("\n", "")


def test_a_key_that_others_can_read_is_not_used(key_file: Path) -> None:
    key_file.chmod(0o644)
    told = CliRunner(mix_stderr=False).invoke(app, ["desk", "--url", "http://127.0.0.1:1", "--key-file", str(key_file)], env={"COLUMNS": "300"})
    assert told.exit_code == 1
    assert "chmod 600" in told.stderr
