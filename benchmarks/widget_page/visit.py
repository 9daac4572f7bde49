"""One visit of a page in a browser that knows nothing yet, on a machine and a line of a given speed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.widget_page.clients import Client
from benchmarks.widget_page.stage import Stage

INSTRUMENTS = Path(__file__).with_name("instruments.js").read_text(encoding="utf-8")
PATIENCE_MS = 60_000
_NO_FILES = {"Document", "Fetch", "XHR", "WebSocket", "Preflight"}
_OF_THE_SITE = ("/demo.css", "/favicon.ico")
QUESTIONS = ("身份证丢了怎么补", "补证", "没有这事", "就会说这几句", "结婚登记要带什么")  # two cards, two lists of choices, one sentence
FORGIVE_EVERY = 10  # below the 30 messages a minute of one session


@dataclass(frozen=True)
class Speed:
    """How fast machine and line are; a line without limits has no `bits`."""

    name: str
    slower: int = 1
    bits: int = 0
    delay_ms: int = 0


SPEEDS = (Speed("as it is"), Speed("processor 4 × slower", 4), Speed("line of 1.6 Mbit/s, 150 ms", 1, 1_600_000, 150),
          Speed("both", 4, 1_600_000, 150))


@dataclass(frozen=True)
class Loaded:
    """Files that a client has loaded, and their bytes: over the line with their headers, these alone, and unpacked."""

    files: frozenset[str]
    wire: int
    headers: int
    plain: int


class Visit:
    """A page with one client in it."""

    def __init__(self, page: Page, client: Client, stage: Stage, speed: Speed) -> None:
        self.page, self.client = page, client
        self._stage = stage
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._files: dict[str, str] = {}
        self._wire: dict[str, int] = {}
        self._headers: dict[str, int] = {}
        self._plain: dict[str, int] = {}
        self._cdp.on("Network.requestWillBeSent", self._asked)
        self._cdp.on("Network.responseReceived", self._answered)
        self._cdp.on("Network.dataReceived", self._received)
        self._cdp.on("Network.loadingFinished", self._finished)
        self._cdp.send("Network.enable")
        self._cdp.send("Emulation.setCPUThrottlingRate", {"rate": speed.slower})
        if speed.bits:
            rate = speed.bits / 8
            self._cdp.send("Network.emulateNetworkConditions",
                           {"offline": False, "latency": speed.delay_ms, "downloadThroughput": rate, "uploadThroughput": rate})

    def _asked(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"].split("?")[0]
        if event.get("type") not in _NO_FILES and url.startswith("http") and not url.endswith(_OF_THE_SITE):
            self._files[event["requestId"]] = url

    def _answered(self, event: dict[str, Any]) -> None:
        self._headers[event["requestId"]] = int(event["response"]["encodedDataLength"])  # what had come until then

    def _received(self, event: dict[str, Any]) -> None:
        self._plain[event["requestId"]] = self._plain.get(event["requestId"], 0) + event["dataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        self._wire[event["requestId"]] = int(event["encodedDataLength"])

    def come(self) -> float:
        """Load the page; return after how many ms the launcher stood there."""
        self.page.goto(f"{self._stage.site}/{self.client.page}", wait_until="commit")
        at: float = self.page.evaluate("selector => bench.launcher(selector)", self.client.launcher)
        self.page.wait_for_load_state("load")
        return at

    def open(self) -> float:
        """Tap the launcher; return after how many ms the greeting stood there."""
        self.page.evaluate("selector => bench.onClick(selector)", self.client.heard)
        self.page.click(self.client.launcher)
        return self._told()

    def ask(self, text: str) -> float:
        """Write and send; return after how many ms an answer stood there."""
        self.page.fill(self.client.text, text)
        self.page.evaluate("selector => bench.onKey(selector)", self.client.heard)
        self.page.press(self.client.text, "Enter")
        return self._told()

    def talk(self, messages: int) -> None:
        """Go on until so many messages have been exchanged since the greeting."""
        asked = self.page.evaluate("selector => bench.count(selector)", self.client.said)
        for number in range(asked, messages // 2):
            if number % FORGIVE_EVERY == 0:
                self._stage.forgive()
            self.ask(QUESTIONS[number % len(QUESTIONS)])

    def late(self, answers: int) -> list[float]:
        """Return how long so many further answers took."""
        self._stage.forgive()
        return [self.ask(QUESTIONS[0]) for _ in range(answers)]

    def forms(self) -> None:
        """Open all that loads further files: the ticket form and the view of its progress."""
        for name in ("填工单", "查进度"):
            self.page.locator("nav button", has_text=name).click()
            self.page.locator("dialog .quiet").click()

    def scroll(self) -> float:
        """Scroll through the conversation; return the longest frame in ms."""
        return float(self.page.evaluate("selector => bench.scroll(selector)", self.client.heard))

    def again(self, messages: int) -> tuple[float, float]:
        """Reload in mid-conversation; return after how many ms so many answers were there, and how long a tap then takes to show them."""
        self.page.reload(wait_until="commit")
        there = float(self.page.evaluate("([selector, least]) => bench.has(selector, least)", [self.client.heard, messages // 2]))
        return there, self.open()

    def loaded(self) -> Loaded:
        """Return what the client has loaded by now."""
        self.page.wait_for_load_state("networkidle")
        done = [id for id in self._files if id in self._wire]
        wire, headers, plain = (sum(one.get(id, 0) for id in done) for one in (self._wire, self._headers, self._plain))
        return Loaded(frozenset(self._files[id] for id in done), wire, headers, plain)

    def weight(self) -> tuple[float, int]:
        """Return the JavaScript heap in MB after a collection, and the number of DOM nodes."""
        self._cdp.send("HeapProfiler.collectGarbage")
        used = self._cdp.send("Runtime.getHeapUsage")["usedSize"]
        return used / 1e6, int(self._cdp.send("Memory.getDOMCounters")["nodes"])

    def shift(self) -> float:
        """Return by how much the page around the client has been shifted since it was loaded (layout shift score)."""
        return float(self.page.evaluate("bench.shift"))

    def _told(self) -> float:
        return float(self.page.evaluate("bench.told"))


@contextmanager
def visiting(browser: Browser, client: Client, stage: Stage, speed: Speed = SPEEDS[0]) -> Iterator[Visit]:
    """A visit in a browser profile of its own."""
    stage.forgive()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        context.add_init_script(INSTRUMENTS)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield Visit(page, client, stage, speed)
    finally:
        context.close()
