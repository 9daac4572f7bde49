"""Parts are killed and stopped for real: callers still get an answer or an honest apology, and the parts come back."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import psutil
import pytest

from tests.support.running_product import Product, ready

pytestmark = pytest.mark.stack


def wait_until_ready(product: Product, patience: float = 120.0) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if ready(product):
            return
        time.sleep(0.5)
    raise AssertionError("not healthy again")


def test_only_the_gateway_could_listen_beyond_loopback(product: Product) -> None:
    parent = psutil.Process(product.process.pid)
    listening = {connection.laddr.ip for child in parent.children(recursive=True) for connection in child.connections("tcp")
                 if connection.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_second_serve_on_the_same_data_says_so_and_changes_nothing(product: Product) -> None:
    before = json.loads((product.data / "run.json").read_text())
    second = product.hotline("serve")
    assert second.returncode == 1
    assert product.base in second.stderr
    assert json.loads((product.data / "run.json").read_text()) == before


def test_ask_prints_route_match_facet_and_answer(product: Product) -> None:
    asked = product.hotline("ask", "身份证丢了补一个多少钱")
    assert asked.returncode == 0, asked.stderr
    for word in ("answered", "居民身份证丢失补领", "fee", "40元"):
        assert word in asked.stdout


def test_tickets_are_listed_without_personal_data(product: Product) -> None:
    product.chat().tell("历下区解放路12号阳光花园小区门口的路灯坏了，我手机13812349999", "对，提交")
    listed = product.hotline("tickets")
    assert listed.returncode == 0, listed.stderr
    assert "城市管理局" in listed.stdout
    assert "13812349999" not in listed.stdout


def test_no_log_holds_a_phone_or_an_identity_number(product: Product) -> None:
    product.chat().tell("我要投诉物业不给修电梯，我电话13612340987，身份证370102199001011234")
    time.sleep(1)
    logs = "".join(path.read_text(errors="replace") for path in (product.data / "logs").glob("*.log"))
    assert "13612340987" not in logs
    assert "370102199001011234" not in logs
    assert not re.search(r"(?<![0-9a-f])1[3-9]\d{9}(?![0-9a-f])", logs)


def test_with_the_action_server_frozen_a_question_is_still_answered(product: Product) -> None:
    chat = product.chat()
    pid = product.child("actions")
    os.kill(pid, signal.SIGSTOP)
    try:
        turn = chat.say("身份证丢了补一个要多少钱")
        assert (turn["outcome"], turn["item"]) == ("answered", "id-card-reissue")
        lost = chat.say("小区门口路灯坏了一个月没人修")
        assert lost["outcome"] == "fault"
        assert "工单" in lost["said"]
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until_ready(product)


@pytest.mark.parametrize("part", ["actions", "rasa"])
def test_a_killed_part_is_started_again_and_answers_as_before(product: Product, part: str) -> None:
    chat = product.chat()
    chat.say("护照丢了怎么补")
    parent = psutil.Process(product.process.pid)
    module = {"actions": "actions", "rasa": "bot"}[part]
    victim = next(child for child in parent.children() if child.cmdline()[1:3] == ["-m", module])
    victim.kill()
    meanwhile = chat.say("身份证丢了补一个要多少钱")
    assert meanwhile["outcome"] in ("answered", "fault")
    time.sleep(1)
    wait_until_ready(product)
    assert chat.say("办护照要多少钱")["item"] == "passport-first"


def test_a_fault_is_logged_with_the_turns_id(product: Product) -> None:
    gateway = (product.data / "logs" / "gateway.log").read_text()
    faults = [json.loads(line) for line in gateway.splitlines() if line.startswith("{") and "rasa" in line and "turn" in line and "fault" in line]
    assert faults
    assert all(fault.get("turn_id") for fault in faults)
