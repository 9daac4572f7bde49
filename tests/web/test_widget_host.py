"""The widget in other people's pages: from another origin, among hostile styles and scripts, under a strict policy."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from playwright.sync_api import Page, expect

from api.conversations import DUE
from core.settings import Settings
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import SCRIPT, FakeRasa
from tests.support.host_page import OLD_LIBRARIES, RUDE_STYLES, Site, open_widget
from tests.support.pictures import photo
from tests.support.widget import say, take_over

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures", "tests.support.host_page_fixtures")
pytestmark = needs_chromium
ANSWER = "补身份证带上户口簿就行。"
# Every computed style of every element of the site.
LOOKS = """[...document.querySelectorAll('*')].filter((one) => one.localName !== 'hotline-12345').map((one) => {
  const style = getComputedStyle(one);
  return one.localName + ' ' + [...style].map((name) => name + ':' + style.getPropertyValue(name)).join(';');
})"""


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    return settings.copy(update={"widget_origins": site.origin})


def answered(page: Page, text: str = "身份证丢了") -> None:
    say(page, text)
    expect(page.locator(".bot .bubble").last).to_have_text(ANSWER)


def test_one_line_in_a_page_of_another_origin_is_enough(page: Page, site: Site) -> None:
    open_widget(page, site)
    answered(page)
    expect(page.locator(".caller")).to_have_count(1)
    expect(page.locator(".waiting")).to_have_count(0)


def test_a_site_that_is_not_listed_gets_neither_widget_nor_conversation(page: Page, site: Site, gateway: str, redis_url: str) -> None:
    with page.expect_console_message(lambda line: "CORS policy" in line.text and "widget.js" in line.text):
        page.goto(site.origin.replace("127.0.0.1", "localhost"))
    assert page.locator("hotline-12345").count() == 0
    begin = "(url) => fetch(url, {method: 'POST', body: '{}', headers: {'Content-Type': 'application/json'}}).then(() => 'begun', () => 'refused')"
    assert page.evaluate(begin, f"{gateway}/v1/chat/sessions") == "refused"
    assert redis.from_url(redis_url).zcard(DUE) == 0


def test_the_region_of_the_line_goes_along(page: Page, site: Site) -> None:
    site.attributes = 'data-region="370102"'
    with page.expect_request("**/v1/chat/sessions") as begun:
        open_widget(page, site)
    assert begun.value.post_data_json == {"region": "370102"}


def test_a_page_may_ask_for_english(page: Page, site: Site) -> None:
    site.attributes = 'data-lang="en"'
    page.goto(site.origin)
    expect(page.locator(".launch")).to_have_text("Ask 12345")


def test_a_page_that_opens_it_at_once_keeps_the_focus(page: Page, site: Site) -> None:
    site.attributes = "data-open"
    page.goto(site.origin)
    expect(page.locator(".bot .bubble")).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")


def test_on_a_machine_of_many_nothing_outlives_the_tab(page: Page, site: Site) -> None:
    site.attributes = 'data-keep="tab"'
    page.add_init_script("window.written = []; const set = Storage.prototype.setItem;"
                         "Storage.prototype.setItem = function (name) { if (this === localStorage) written.push(name); set.apply(this, arguments); }")
    open_widget(page, site)
    answered(page)
    page.locator("header button", has_text="大字版").click()
    assert page.evaluate("written") == []
    page.reload()
    page.click(".launch")
    expect(page.locator(".caller .bubble")).to_have_text("身份证丢了")


@pytest.mark.parametrize("second", ["", "?again"], ids=["the same line twice", "the same file under two addresses"])
def test_a_page_has_one_widget(page: Page, site: Site, second: str) -> None:
    site.head = f'<script type="module" src="{site.gateway}/widget/widget.js{second}"></script>'
    open_widget(page, site)
    expect(page.locator("hotline-12345")).to_have_count(1)
    expect(page.locator(".launch")).to_have_count(1)


def test_styles_of_the_page_do_not_reach_in(page: Page, site: Site) -> None:
    site.head = RUDE_STYLES
    page.goto(site.origin)
    launcher = page.locator(".launch")
    expect(launcher).to_be_visible()
    box = launcher.bounding_box()
    assert box and (box["x"] + box["width"], box["y"] + box["height"]) == (1000 - 16, 720 - 16)
    launcher.click()
    answered(page)
    look: dict[str, str] = page.locator(".bot .bubble").last.evaluate("bubble => ({...getComputedStyle(bubble)})")
    told = {name: look[name] for name in ("fontSize", "color", "direction", "display", "backgroundColor")}
    assert told == {"fontSize": "18px", "color": "rgb(27, 36, 48)", "direction": "ltr", "display": "block", "backgroundColor": "rgb(255, 255, 255)"}
    assert page.locator(".caller .bubble").evaluate("bubble => getComputedStyle(bubble).backgroundColor") == "rgb(20, 80, 143)"
    panel = page.locator(".panel").bounding_box()
    assert panel and (panel["x"] + panel["width"], panel["y"] + panel["height"]) == (1000 - 16, 720 - 16)


def test_the_page_looks_and_is_the_same_with_the_widget_as_without(page: Page, site: Site, gateway: str) -> None:
    site.head = "<style>body > :last-child, main ~ * { color: rgb(1, 2, 3) } body > :nth-last-child(2) { margin: 7px } body { display: grid }</style>"
    picture = f"[{LOOKS}, Object.keys(window), document.adoptedStyleSheets.length]"
    site.gateway = ""
    page.goto(site.origin)
    before = page.evaluate(picture)
    site.gateway = gateway
    open_widget(page, site)
    answered(page)
    looks, names, sheets = page.evaluate(picture)
    looks.pop(next(n for n, look in enumerate(looks) if look.startswith("script ")))  # the line itself
    assert [looks, names, sheets] == before


@pytest.fixture
def old(page: Page, site: Site) -> Page:
    """The widget, open, in a page of old libraries."""
    site.head = OLD_LIBRARIES
    open_widget(page, site)
    assert page.evaluate("JSON.stringify([1])") == "gone"
    return page


def test_among_old_libraries_questions_and_choices_work(old: Page, rasa: FakeRasa) -> None:
    answered(old)
    say(old, "补证")
    old.locator(".options button", has_text="驾驶证").click()
    expect(old.locator(".bot .bubble").last).to_have_text(ANSWER)
    assert [request["message"] for request in rasa.requests] == ["身份证丢了", "补证", "驾驶证"]
    assert any(address.endswith("/messages") for address in old.evaluate("asked"))


def test_among_old_libraries_nothing_written_is_lost(old: Page, rasa: FakeRasa) -> None:
    old.context.route("**/messages", lambda route: route.abort())
    say(old, "身份证丢了")
    expect(old.locator(".notice")).to_contain_text("网络断了")
    old.reload()
    old.click(".launch")
    expect(old.locator(".caller.waiting .bubble")).to_have_text("身份证丢了")
    old.context.unroute("**/messages")
    expect(old.locator(".bot .bubble").last).to_have_text(ANSWER)
    assert len(rasa.requests) == 1


def test_among_old_libraries_the_form_leaves_a_ticket_with_its_photos(old: Page) -> None:
    old.locator("nav button", has_text="填工单").click()
    old.fill("dialog textarea", "路灯不亮")
    old.fill("dialog [name=phone]", "13800001234")
    old.set_input_files("dialog [type=file]", [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo()} for n in "ab"])
    old.click("dialog [type=submit]")
    expect(old.locator(".card .number")).to_be_visible()
    expect(old.locator(".system .bubble").last).to_have_text("2 张照片已经附在工单上。")


@pytest.mark.parametrize("stream", [True, False], ids=["stream allowed", "stream forbidden"])
def test_under_a_strict_policy_everything_works(page: Page, site: Site, gateway: str, operator: dict[str, str], faults: list[str],
                                                stream: bool) -> None:
    talk = f"{gateway} {gateway.replace('http', 'ws')}" if stream else gateway
    site.policy = (f"default-src 'none'; img-src data:; script-src {gateway}; connect-src {talk}; "
                   "require-trusted-types-for 'script'; trusted-types 'none'")
    open_widget(page, site)
    answered(page)
    page.locator("nav button", has_text="填工单").click()
    page.keyboard.press("Escape")
    take_over(page, gateway, operator)
    expect(page.locator(".operator .bubble")).to_have_text("我来帮您。")
    if not stream:
        assert faults and all("ws://" in fault for fault in faults)
        faults.clear()


def test_nothing_of_the_page_moves(page: Page, site: Site) -> None:
    # What the panel itself moves right after a tap counts for no one; its own elements are not named to the page.
    page.add_init_script("window.moved = []; new PerformanceObserver((list) => moved.push(...list.getEntries().filter("
                         "({ hadRecentInput, sources }) => !hadRecentInput || sources.some(({ node }) => node)).map(({ value }) => value)))"
                         ".observe({ type: 'layout-shift', buffered: true });")
    open_widget(page, site)
    for _ in range(3):
        answered(page)
    expect(page.locator(".bot")).to_have_count(4)
    assert page.evaluate("moved") == []
    page.evaluate("document.body.style.paddingTop = '200px'")  # the observer does see what moves
    page.wait_for_function("moved.length")


TRICK = "<img src=x onerror=alert(1)>"


def trick(url: str) -> list[dict[str, Any]]:
    row = {"key": "materials", "title": TRICK, "lines": [TRICK], "url": url}
    return [{"text": TRICK, "custom": {"outcome": "answered", "options": [TRICK], "card": {"kind": "item", "code": "x", "name": TRICK, "rows": [
        {**row, "key": key} for key in ("materials", "online")], "basis": [TRICK], "as_of": TRICK}}}]


def test_what_the_gateway_says_is_never_markup_nor_a_script(page: Page, site: Site, gateway: str, operator: dict[str, str],
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCRIPT, "坏人", trick("javascript:alert(1)"))
    open_widget(page, site)
    say(page, "坏人")
    expect(page.locator(".card h3")).to_have_text(TRICK)
    expect(page.locator(".options button")).to_have_text(TRICK)
    expect(page.locator(".card a")).to_have_count(0)
    take_over(page, gateway, operator, TRICK)
    expect(page.locator(".operator .bubble")).to_have_text(TRICK)
    assert page.locator("hotline-12345 img").count() == 0
