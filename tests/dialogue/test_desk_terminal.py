"""A seat in a terminal on the whole product: the caller chats, the person works `hotline desk`."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

import pytest

from tests.support.running_product import Chat, Product
from tests.support.terminal import ENTER, F2, F10, PATIENCE, Terminal, wait

pytestmark = pytest.mark.stack
REGION, TAB = "371703", r"\[(\d+)定陶区"


@pytest.fixture
def sit_down(product: Product, tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    """Open the desk with one key, as often as it is called."""
    made = product.hotline("admin", "key", "--role", "operator", "--label", "7号坐席")
    key_file, seats = tmp_path / "seat.key", []
    key_file.touch(mode=0o600)
    key_file.write_text(next(word for word in made.stdout.split() if word.startswith("hk_")))

    def open_desk() -> Terminal:
        seats.append(Terminal("desk", "--url", product.base, "--key-file", str(key_file), "--region", REGION, HOTLINE_DATA_DIR=str(product.data)))
        return seats[-1]

    yield open_desk
    for seat in seats:
        seat.close()


def read(chat: Chat) -> dict[str, object]:
    return dict(chat.http.get(f"/v1/chat/sessions/{chat.id}/messages").json())


def said(chat: Chat, author: str) -> list[str]:
    return [message["text"] for message in read(chat)["messages"] if message["author"] == author]  # type: ignore[attr-defined]


def test_a_conversation_is_taken_outlives_the_terminal_and_is_given_back(product: Product, sit_down: Callable[[], Terminal]) -> None:
    chat = product.chat(REGION)
    seat = sit_down()
    seat.until("已连接")
    chat.tell("身份证丢了补一个要多少钱", "转人工")
    seat.until("定陶区")
    for taken in range(1, 50):  # alarms of other tests stand first, and come to everybody
        seat.press(F2)
        seat.until(f"会话 {taken}")
        if read(chat)["owner"] == "operator":
            break
    seat.press("切换 " + seat.find(TAB) + ENTER)
    seat.until("来电人：转人工", "7号坐席")
    seat.press("您好，我来帮您" + ENTER)
    wait(lambda: said(chat, "operator") == ["您好，我来帮您"])
    seat.kill()
    chat.say("那在哪儿办")
    seat = sit_down()
    seat.press("切换 " + seat.find(TAB) + ENTER)
    seat.until("来电人：那在哪儿办")
    seat.press("交还" + ENTER)
    seat.until("按回车确认")
    seat.press(ENTER)
    wait(lambda: read(chat)["owner"] == "bot")
    assert chat.say("要带什么材料")["item"] == "id-card-reissue"
    seat.press(F10 + F10)
    assert seat.process.wait(PATIENCE) == 0
