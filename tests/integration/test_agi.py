"""The FastAGI server before a scripted exchange that is written from the protocol: one line a command, one reply each."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any, AsyncIterator, Awaitable, Callable

import httpx
import pytest
import redis
from pydantic import SecretStr

from api.phone.agi_server import AgiServer, Desk, Wiring
from api.ports import Parts
from cli.agi import key_of
from core.settings import Settings
from tests.support.fake_rasa import SCRIPT, FakeRasa
from tests.support.gateway_fakes import RecordingLog, phrases

pytest_plugins = ("tests.support.gateway_fixtures",)
WIRING = Wiring("MRCPSynth({prompt},l=zh-CN)", 'SynthAndRecog({prompt},"builtin:speech/transcribe",b=1)', "Local/{number}@out,30", "operator", vouches=True)
ENVIRONMENT = ("agi_network: yes\nagi_network_script: hotline\nagi_request: agi://hotline\nagi_channel: PJSIP/trunk-1\nagi_language: zh\n"
               "agi_uniqueid: 1763600000.{n}\nagi_callerid: 13812345678\nagi_dnid: 12345\n\n")
Server = Callable[..., Awaitable[int]]


class Exchange:
    """An Asterisk in a few lines. `script` holds what the caller does at each listening: words, keys, nothing, or hanging up."""

    def __init__(self, script: list[dict[str, Any]], dial: str = "ANSWER", missing: tuple[str, ...] = ()) -> None:
        self.script, self.dial, self.missing = script, dial, missing
        self.commands: list[str] = []
        self.spoken: list[str] = []
        self.variables: dict[str, str] = {}
        self.keys: list[str] = []
        self.over = False

    async def call(self, port: int, number: int = 1) -> "Exchange":
        """Go through one call until the server closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ENVIRONMENT.format(n=number).encode())
        while raw := await reader.readline():
            line = raw.decode().rstrip("\n")
            self.commands.append(line)
            writer.write((self.reply(line) + "\n").encode())
            await writer.drain()
        writer.close()
        return self

    def reply(self, line: str) -> str:
        if self.over:
            return "511 Command Not Permitted on a dead channel"
        word = line.split(" ")[0]
        if word == "EXEC":
            return self.execute(line)
        if word == "GET":
            name = line.split(" ", 2)[2]
            return f"200 result=1 ({self.variables[name]})" if name in self.variables else "200 result=0"
        if word == "SET":
            name, value = re.fullmatch(r'SET VARIABLE (\w+) "(.*)"', line).groups()  # type: ignore[union-attr]
            self.variables[name] = value
            return "200 result=1"
        if word == "WAIT":
            if not self.keys and self.keys_next():
                return f"200 result={ord(self.keys.pop(0))}"
            return f"200 result={ord(self.keys.pop(0))}" if self.keys else "200 result=0"
        if line == "HANGUP":
            self.over = True
            return "200 result=1"
        return {"ANSWER": "200 result=0", "CHANNEL STATUS": "200 result=6"}.get(line, "510 Invalid or unknown command")

    def keys_next(self) -> bool:
        """Without a recogniser the script is played to the keypad."""
        if "SynthAndRecog" not in self.missing or not self.script or "keys" not in self.script[0]:
            return False
        self.keys = list(self.script.pop(0)["keys"])
        return True

    def execute(self, line: str) -> str:
        name, argument = re.fullmatch(r'EXEC (\w+) "((?:[^"\\]|\\.)*)"', line).groups()  # type: ignore[union-attr]
        if name in self.missing:
            return "200 result=-2"
        if name == "Dial":
            self.variables["DIALSTATUS"] = self.dial
            return "200 result=0"
        self.spoken.append(argument.split(",")[0])
        if name == "SynthAndRecog":
            return self.listen(self.script.pop(0) if self.script else {"gone": True})
        return "200 result=0"

    def listen(self, act: dict[str, Any]) -> str:
        for name in [name for name in self.variables if name.startswith("RECOG_")]:
            del self.variables[name]
        if "gone" in act:
            self.over = True
            return "HANGUP\n200 result=-1"
        if "keys" in act:
            self.keys = list(act["keys"])
            self.variables["RECOG_STATUS"] = "INTERRUPTED"
        elif "text" in act:
            self.variables.update({"RECOG_STATUS": "OK", "RECOG_COMPLETION_CAUSE": "000", "RECOG_INPUT(0)": act["text"],
                                   "RECOG_CONFIDENCE(0)": str(act.get("sure", "0.92")), "RECOG_INPUT_MODE(0)": "speech"})
        else:
            self.variables.update({"RECOG_STATUS": "OK", "RECOG_COMPLETION_CAUSE": act.get("cause", "002")})
        return "200 result=0"

    @property
    def dialled(self) -> list[str]:
        return [line for line in self.commands if line.startswith("EXEC Dial")]


@pytest.fixture
def log() -> RecordingLog:
    return RecordingLog()


@pytest.fixture
async def server(client: httpx.AsyncClient, exchange: dict[str, str], log: RecordingLog) -> AsyncIterator[Server]:
    running: list[tuple[AgiServer, asyncio.AbstractServer]] = []
    client.headers.update(exchange)

    async def start(most: int = 20, patience: float = 10.0, http: httpx.AsyncClient = client, wiring: Wiring = WIRING) -> int:
        served = AgiServer(Desk(http, phrases(), "operator", log), wiring, most, patience)
        listening = await served.start("127.0.0.1", 0)
        running.append((served, listening))
        return int(listening.sockets[0].getsockname()[1])

    yield start
    for served, listening in running:
        listening.close()
        await served.stop()


async def settled(log: RecordingLog, event: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until the server has told of so many events."""
    async def told() -> None:
        while len(log.named(event)) < count:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(told(), 60)
    return log.named(event)


async def test_a_call_is_answered_understood_and_ends_with_a_goodbye_before_the_hang_up(server: Server, log: RecordingLog) -> None:
    peer = await Exchange([{"text": "身份证丢了"}, {"text": "再见"}]).call(await server())
    assert peer.commands[0] == "ANSWER"
    assert "智能助手" in peer.spoken[0] and "户口簿" in peer.spoken[1] and "再见" in peer.spoken[2]
    assert peer.commands[-1] == "HANGUP" and "MRCPSynth" in peer.commands[-2]
    assert (await settled(log, "agi_call_ended"))[0]["reason"] == "completed"


async def test_the_caller_number_and_confidence_reach_the_gateway(server: Server, rasa: FakeRasa) -> None:
    peer = await Exchange([{"text": "身份证丢了", "sure": 40}, {"text": "是的"}, {"text": "再见"}]).call(await server())
    assert "您是说" in peer.spoken[1]
    assert [(asked["message"], asked["metadata"]["caller"]) for asked in rasa.requests] == [("身份证丢了", "13812345678"), ("再见", "13812345678")]


async def test_a_number_that_the_exchange_does_not_vouch_for_is_nobodys(server: Server, rasa: FakeRasa) -> None:
    assert not Settings().agi_vouches
    port = await server(wiring=replace(WIRING, vouches=Settings().agi_vouches))
    await Exchange([{"text": "路灯坏了"}, {"gone": True}]).call(port, 1)
    peer = await Exchange([{"text": "再见"}]).call(port, 2)
    assert "接着说吗" not in peer.spoken[0]
    assert [asked["metadata"]["caller"] for asked in rasa.requests] == [None, None]


async def test_zero_dials_a_person(server: Server, rasa: FakeRasa) -> None:
    peer = await Exchange([{"keys": "0"}]).call(await server())
    assert peer.dialled == ['EXEC Dial "Local/operator@out,30"']
    assert "转人工" in peer.spoken[-1]
    assert (peer.variables["HOTLINE_TRANSFER_TO"], peer.variables["HOTLINE_OUTCOME"]) == ("operator", "handoff")
    assert rasa.requests == []


async def test_whom_a_person_hands_on_is_dialled_on(server: Server, redis_url: str, log: RecordingLog) -> None:
    class Passing(Exchange):
        """The person at the other end hands the call on at the desk before hanging up."""

        def execute(self, line: str) -> str:
            if line.startswith("EXEC Dial") and len(self.dialled) == 1:
                store = redis.from_url(redis_url, decode_responses=True)
                (call,) = [key for key in store.scan_iter("hotline:conversation:i*") if key.count(":") == 2]
                store.hset(call, "transfer_to", "12333")
            return super().execute(line)

    wiring = replace(WIRING, dial=Settings().agi_dial)
    assert wiring.returns and not WIRING.returns
    peer = await Passing([{"keys": "0"}]).call(await server(wiring=wiring))
    assert [line.split("/")[1].split("@")[0] for line in peer.dialled] == ["operator", "12333"]
    assert "人社" in peer.spoken[-1]
    assert (await settled(log, "agi_call_ended"))[0]["reason"] == "transferred"


async def test_a_number_of_the_desk_is_no_number_to_dial_oneself(server: Server) -> None:
    port = await server(wiring=replace(WIRING, transfer_to="119"))
    peer = await Exchange([{"text": "着火了"}, {"gone": True}], dial="NOANSWER").call(port)
    assert "回电话，要吗" in peer.spoken[-1]


async def test_a_slow_prompt_is_said_in_short_sentences(server: Server) -> None:
    peer = await Exchange([{}, {}, {"gone": True}]).call(await server())
    assert "，" in peer.spoken[1] and "，" not in peer.spoken[2] and "不着急。您慢慢说" in peer.spoken[2]


async def test_an_alarm_is_dialled_and_where_that_fails_the_caller_hears_the_number(server: Server) -> None:
    peer = await Exchange([{"text": "着火了"}, {"gone": True}], dial="CHANUNAVAIL").call(await server())
    assert peer.dialled == ['EXEC Dial "Local/119@out,30"']
    assert "自己拨打幺幺九" in peer.spoken[-1]


async def test_keys_are_a_number_that_ends_with_hash(server: Server, rasa: FakeRasa) -> None:
    await Exchange([{"keys": "2026112012345678#"}, {"text": "再见"}]).call(await server())
    assert rasa.requests[0]["message"] == "2026112012345678"


async def test_silence_and_noise_are_asked_again_until_a_person_listens(server: Server) -> None:
    peer = await Exchange([{}, {"cause": "001"}, {}, {}]).call(await server())
    assert "没有听到" in peer.spoken[1] and len(peer.dialled) == 1


async def test_without_a_recogniser_keys_alone_do(server: Server, rasa: FakeRasa) -> None:
    peer = await Exchange([{"keys": "12#"}, {"keys": "0"}], missing=("SynthAndRecog",)).call(await server())
    assert rasa.requests[0]["message"] == "12" and len(peer.dialled) == 1


async def test_without_any_voice_the_caller_goes_to_a_person(server: Server) -> None:
    peer = await Exchange([], missing=("SynthAndRecog", "MRCPSynth")).call(await server())
    assert peer.dialled == ['EXEC Dial "Local/operator@out,30"']


async def test_without_the_gateway_the_caller_goes_to_a_person(server: Server, log: RecordingLog) -> None:
    def down(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down")

    async with httpx.AsyncClient(transport=httpx.MockTransport(down), base_url="http://gateway") as http:
        peer = await Exchange([]).call(await server(http=http))
    assert "转人工" in peer.spoken[0] and len(peer.dialled) == 1


async def test_an_answer_cannot_leave_its_argument(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = 'a","x\nHANGUP\n${SHELL(id)}\\'
    monkeypatch.setitem(SCRIPT, "坏心", [{"text": hostile, "custom": {"outcome": "answered"}}])
    peer = await Exchange([{"text": "坏心"}, {"text": "再见"}]).call(await server())
    assert [line for line in peer.commands if line.startswith("HANGUP")] == ["HANGUP"]
    assert "$" not in peer.spoken[1] and "再见" in peer.spoken[2]


async def test_a_caller_who_hangs_up_in_the_middle_of_a_form_is_offered_to_go_on(server: Server) -> None:
    port = await server()
    await Exchange([{"text": "路灯坏了"}, {"gone": True}]).call(port, 1)
    peer = await Exchange([{"text": "接着说"}, {"gone": True}]).call(port, 2)
    assert "接着说吗" in peer.spoken[0] and "刚才在登记一张工单" in peer.spoken[1] and "在什么地方" not in peer.spoken[1]


@pytest.mark.parametrize("nonsense", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\n", b"\xff\xfe\x00\n" * 50, b"agi_x: " + b"y" * 20_000, b"agi_a: b\n" * 500, b""])
async def test_a_peer_that_talks_nonsense_is_left_and_others_are_served(server: Server, log: RecordingLog, nonsense: bytes) -> None:
    port = await server()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(nonsense)
    if not nonsense:
        writer.close()
    await settled(log, "agi_peer_gone")
    writer.close()
    assert "智能助手" in (await Exchange([{"text": "再见"}]).call(port)).spoken[0]


@pytest.mark.parametrize("reply", [b"what?\n", b"", b"200 result=0 " + b"x" * 20_000])
async def test_a_peer_that_replies_with_nonsense_or_not_at_all_is_left(server: Server, log: RecordingLog, reply: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", await server(patience=0.2))
    writer.write(ENVIRONMENT.format(n=9).encode())
    assert await reader.readline() == b"ANSWER\n"
    writer.write(reply)
    assert (await settled(log, "agi_peer_gone"))[0]["error"] == "PeerFaulty"
    writer.close()


async def test_a_usage_reply_of_several_lines_is_one_reply(server: Server) -> None:
    class Strict(Exchange):
        def reply(self, line: str) -> str:
            if line == "ANSWER":
                return "520-Invalid command syntax.  Proper usage follows:\nUsage: ANSWER\n520 End of proper usage."
            return super().reply(line)

    assert "再见" in (await Strict([{"text": "再见"}]).call(await server())).spoken[1]


async def test_calls_beyond_the_limit_are_let_go_and_the_next_one_is_served(server: Server, log: RecordingLog) -> None:
    port = await server(most=1)
    _, waiting = await asyncio.open_connection("127.0.0.1", port)
    waiting.write(b"agi_network: yes\n")
    await waiting.drain()
    reader, beyond = await asyncio.open_connection("127.0.0.1", port)
    await settled(log, "agi_full")
    assert await reader.read() == b""
    beyond.close()
    waiting.close()
    await settled(log, "agi_peer_gone")
    assert "再见" in (await Exchange([{"text": "再见"}]).call(port)).spoken[1]


async def test_many_calls_at_once_do_not_mix(server: Server) -> None:
    port = await server()
    peers = await asyncio.gather(*(Exchange([{"text": "身份证丢了" if n % 2 else "路灯坏了"}, {"text": "再见"}]).call(port, n) for n in range(8)))
    for number, peer in enumerate(peers):
        assert ("户口簿" if number % 2 else "什么地方") in peer.spoken[1]


async def test_no_number_key_or_word_is_logged(server: Server, log: RecordingLog) -> None:
    await Exchange([{"keys": "37010219900101123#"}, {"text": "身份证丢了"}, {"gone": True}]).call(await server())
    await settled(log, "agi_call_ended")
    for said in ("3701", "138", "身份证"):
        assert said not in repr(log.lines)


def test_the_servers_own_key_is_made_once_and_is_for_its_owner_alone(settings: Settings, parts: Parts) -> None:
    key = key_of(settings)
    assert key_of(settings) == key
    assert (settings.data_dir / "keys" / "agi.key").stat().st_mode & 0o077 == 0
    found = parts.keys.verify(key)
    assert found is not None and found.role == "ivr"
    assert key_of(settings.copy(update={"agi_key": SecretStr("given")})) == "given"


@pytest.mark.parametrize(("answers", "tries"), [([204], 1), ([503, httpx.ConnectError("away"), 204], 3), ([404], 1), ([500] * 9, 4)],
                         ids=["heard", "away for a moment", "unknown", "away for long"])
async def test_the_end_of_a_call_is_told_until_it_is_heard(log: RecordingLog, answers: list[object], tries: int) -> None:
    asked: list[str] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        answer = answers[len(asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)  # type: ignore[arg-type]

    async with httpx.AsyncClient(transport=httpx.MockTransport(gateway), base_url="http://gateway") as http:
        await Desk(http, phrases(), "operator", log, pauses=(0.0, 0.0, 0.0)).end("c1", "caller_hung_up")
    assert asked == ["/v1/ivr/calls/c1/end"] * tries
    assert len(log.named("agi_end_not_told")) == (1 if tries == 4 else 0)
