"""The widget for everyone: what axe-core finds, keyboard alone, narrow windows, large print, forced colours, spoken words."""

from __future__ import annotations

import os
import subprocess
from typing import Callable

import pytest
from playwright.sync_api import Page, expect

from core.settings import ROOT, Settings
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import SCRIPT
from tests.support.host_page import Site, open_widget
from tests.support.widget import say

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures", "tests.support.host_page_fixtures")
pytestmark = needs_chromium
ROWS = [{"key": "materials", "title": "要带的材料", "lines": ["居民户口簿（原件）", "近期照片"]},
        {"key": "steps", "title": "怎么办", "lines": ["到派出所", "交材料"]},
        {"key": "phone", "title": "电话", "lines": ["0531-12345678"]},
        {"key": "online", "title": "网上办", "lines": ["可以"], "url": "https://example.gov.cn/a"}]
ITEM = {"kind": "item", "code": "a", "name": "身份证补领", "as_of": "2026-11-01", "rows": ROWS, "basis": ["《身份证法》"]}
EVENT = {"kind": "life_event", "code": "b", "name": "开餐馆一件事", "rows": [{"key": "stages", "title": "分几步", "lines": ["第一步", "第二步"]}, ROWS[0]],
         "steps": [{"title": "营业执照", "item": "x", "stage": 0}, {"title": "食品许可", "item": "y", "stage": 1, "only_if": "做热食"},
                   {"title": "招牌", "item": None, "stage": 1}]}
SAID = {"补领": [{"text": "请看。", "custom": {"outcome": "answered", "card": ITEM, "options": ["多少钱", "去哪办"]}}],
        "开餐馆": [{"text": "分两步。", "custom": {"outcome": "answered", "card": EVENT}}]}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = """async (tags) => (await axe.run(document, { runOnly: { type: 'tag', values: tags } })).violations
  .map(({ id, nodes }) => [id, ...nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)])"""
FOCUSED = "(() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at; })()"
# What can be tapped, by how much of it can: a label belongs to its box.
TARGETS = """() => [...document.querySelector('hotline-12345').shadowRoot.querySelectorAll('button, a, input, textarea')]
  .filter((one) => one.checkVisibility()).map((one) => [one, (one.closest('label') ?? one).getBoundingClientRect()])"""
SMALL = f"({TARGETS})().filter(([, box]) => Math.min(box.width, box.height) < 24).map(([one, box]) => `${{one.outerHTML}} ${{box.width}}×${{box.height}}`)"
OUTSIDE = f"({TARGETS})().filter(([, box]) => box.left < 0 || box.right > innerWidth).map(([one]) => one.outerHTML)"


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    return settings.copy(update={"widget_origins": site.origin})


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> None:
    for words, answer in SAID.items():
        monkeypatch.setitem(SCRIPT, words, answer)


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core, fetched by the project's script."""
    fetched = subprocess.run([ROOT / "scripts" / "axe.sh"], capture_output=True, text=True, timeout=300)
    if fetched.returncode and os.environ.get("CI"):
        pytest.fail(fetched.stderr.strip())
    if fetched.returncode:
        pytest.skip(fetched.stderr.strip())
    return (ROOT / ".cache" / "axe" / "axe.min.js").read_text(encoding="utf-8")


def asked(*words: str) -> Callable[[Page], None]:
    def ask(page: Page) -> None:
        for text in words:
            say(page, text)
            expect(page.locator(".waiting, .hint")).to_have_count(0)
        expect(page.locator(".caller")).to_have_count(len(words))
    return ask


def tapped(label: str, shown: str, before: Callable[[Page], None] = lambda page: None) -> Callable[[Page], None]:
    def tap(page: Page) -> None:
        before(page)
        page.locator(".panel button", has_text=label).first.click()
        expect(page.locator(shown).first).to_be_visible()
    return tap


STATES = {
    "put away": tapped("✕", ".launch"), "open": lambda page: None, "cards, one of them twice": asked("补领", "开餐馆", "补领"), "alarm": asked("家里着火了"),
    "ticket form": tapped("填工单", "dialog"), "progress": tapped("查进度", "dialog"), "rating": tapped("评价", "dialog", asked("补领")),
    "large print": tapped("大字版", "[aria-pressed=true]", asked("补领", "家里着火了")), "English": tapped("EN", ".panel[lang=en]", asked("补领")),
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_axe_finds_nothing(page: Page, site: Site, axe: str, state: Callable[[Page], None]) -> None:
    page.emulate_media(reduced_motion="reduce")  # what fades in has no contrast yet
    open_widget(page, site)
    state(page)
    page.evaluate(axe)
    assert page.evaluate(AXE, RULES) == []
    assert page.evaluate(f"({TARGETS})().length") > 0
    assert page.evaluate(SMALL) == []


def test_axe_finds_nothing_in_the_gateways_own_page(page: Page, gateway: str, axe: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(gateway)
    asked("补领")(page)
    page.evaluate(axe)
    assert page.evaluate(AXE, RULES) == []


def test_everything_can_be_done_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.origin)
    expect(page.locator(".launch")).to_be_visible()
    press = page.keyboard.press

    def tab_to(selector: str, key: str = "Tab", within: int = 30) -> None:
        for _ in range(within):
            press(key)
            if page.evaluate(f"{FOCUSED}.matches({selector!r})"):
                return
        raise AssertionError(f"{selector} is not reached")

    tab_to(".launch")
    press("Enter")
    expect(page.locator(".composer textarea")).to_be_focused()
    page.keyboard.type("补领")
    press("Enter")
    expect(page.locator(".card")).to_be_visible()
    tab_to(".card input[type=checkbox]", "Shift+Tab")
    press("Space")
    expect(page.locator(".card input:checked")).to_have_count(1)
    tab_to("nav .human", "Shift+Tab")
    press("Tab")
    press("Enter")
    expect(page.locator("dialog textarea")).to_be_focused()
    press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("nav button", has_text="填工单")).to_be_focused()
    press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".launch")).to_be_focused()


def test_the_keyboard_goes_through_the_panel_in_order_and_out_of_it(page: Page, site: Site) -> None:
    open_widget(page, site)
    page.locator("header button").first.focus()
    seen: list[str] = []
    for _ in range(40):
        seen.append(page.evaluate(f"(({FOCUSED}).closest('header, nav, .log, footer') ?? document.body).localName"))
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") != "hotline-12345":
            break
    assert list(dict.fromkeys(seen)) == ["header", "nav", "div", "footer"]
    assert page.evaluate("document.activeElement.localName") != "hotline-12345"


def test_answers_are_read_out_and_waiting_is_told(page: Page, site: Site) -> None:
    open_widget(page, site)
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    page.route("**/messages", lambda route: None)
    say(page, "补领")
    expect(log.locator(".hint")).to_have_text("正在查，请稍等…")
    assert page.locator(".hint").evaluate("hint => hint.closest('[aria-hidden]')") is None


def test_what_the_hotline_says_is_marked_as_chinese_in_an_english_panel(page: Page, site: Site) -> None:
    site.attributes = 'data-lang="en"'
    open_widget(page, site)
    asked("补领")(page)
    for said_there in (".bot .bubble", ".options button", ".card h3", ".card li"):
        assert page.locator(said_there).first.evaluate("one => one.closest('[lang]').lang") == "zh-CN", said_there
    assert page.locator(".card .tools button").first.evaluate("one => one.closest('[lang]').lang") == "en"


@pytest.mark.parametrize("width, height", [(640, 400), (320, 256)], ids=["200 %", "400 %"])
def test_when_zoomed_everything_is_within_reach(page: Page, site: Site, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_widget(page, site)
    for large in (False, True):
        if large:
            page.locator("header button", has_text="大字版").click()
            asked("补领", "开餐馆")(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(OUTSIDE) == []
        for control in page.locator(".panel button:visible, .panel textarea, .panel .danger a").all():
            control.scroll_into_view_if_needed()
            expect(control).to_be_in_viewport(ratio=0.9)
    page.locator("nav button", has_text="填工单").click()
    expect(page.locator("dialog [type=submit]")).to_be_visible()
    assert page.evaluate(OUTSIDE) == []


def test_who_wants_no_motion_sees_none(page: Page, site: Site) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_widget(page, site)
    moving = "[...document.querySelector('hotline-12345').shadowRoot.querySelectorAll('*')].filter((one) => { const look = getComputedStyle(one);" \
             " return look.animationName !== 'none' || look.transitionDuration !== '0s'; }).length"
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0


def test_in_forced_colours_everything_keeps_its_border(page: Page, site: Site) -> None:
    page.emulate_media(forced_colors="active")
    open_widget(page, site)
    asked("补领")(page)
    for bordered in (".panel", ".bot .bubble", ".caller .bubble", ".card", ".composer textarea", ".composer [type=submit]", "nav .human"):
        look = page.locator(bordered).first.evaluate("one => { const look = getComputedStyle(one);"
                                                     " return look.borderTopStyle === 'solid' && look.borderTopColor !== look.backgroundColor; }")
        assert look, bordered
