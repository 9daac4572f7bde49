"""Two tabs of a site hold one conversation: the same words, each once, and the same state."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from core.settings import Settings
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import FakeRasa
from tests.support.host_page import Site, open_widget
from tests.support.widget import held, say, take_over

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures", "tests.support.host_page_fixtures")
pytestmark = needs_chromium
BEGIN = "**/v1/chat/sessions"


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    return settings.copy(update={"widget_origins": site.origin})


def test_what_is_written_in_one_tab_stands_in_the_other_once(page: Page, context: BrowserContext, site: Site, rasa: FakeRasa) -> None:
    second = context.new_page()
    open_widget(page, site)
    open_widget(second, site)
    say(page, "身份证丢了")
    say(second, "多少钱")
    for tab in (page, second):
        expect(tab.locator(".bot")).to_have_count(3)
        expect(tab.locator(".caller")).to_have_count(2)
        expect(tab.locator(".waiting")).to_have_count(0)
    lines = [tab.locator(".message .bubble").all_inner_texts() for tab in (page, second)]
    assert lines[0] == lines[1]
    assert sorted(request["message"] for request in rasa.requests) == ["多少钱", "身份证丢了"]


def test_a_person_speaks_in_both_tabs(page: Page, context: BrowserContext, site: Site, gateway: str, operator: dict[str, str]) -> None:
    second = context.new_page()
    open_widget(page, site)
    open_widget(second, site)
    take_over(page, gateway, operator)
    for tab in (page, second):
        expect(tab.locator(".operator .bubble")).to_have_text("我来帮您。")
        expect(tab.locator("header p")).to_have_text("测试正在为您服务")


@pytest.mark.parametrize("locks", [True, False], ids=["the browser tells tabs apart", "it cannot"])
def test_two_tabs_that_begin_at_once_end_in_one_conversation(context: BrowserContext, site: Site, locks: bool) -> None:
    begun: list[Route] = []
    context.route(BEGIN, lambda route: begun.append(route))
    if not locks:
        context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    tabs = [context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.goto(site.origin)
    for tab in tabs:
        tab.click(".launch")
        expect(tab.locator("header p")).to_have_text("正在连接…")
    until = 1 if locks else 2
    while len(begun) < until:
        tabs[0].wait_for_timeout(50)  # lets the routes in
    for route in begun:
        route.continue_()
    for tab in tabs:
        expect(tab.locator(".bot .bubble").first).to_be_visible()
    say(tabs[0], "身份证丢了")
    expect(tabs[1].locator(".caller .bubble")).to_have_text("身份证丢了")
    assert held(tabs[0])["id"] == held(tabs[1])["id"]


def test_a_conversation_cleared_in_one_tab_is_gone_from_the_other(page: Page, context: BrowserContext, site: Site) -> None:
    second = context.new_page()
    open_widget(page, site)
    say(page, "身份证丢了")
    open_widget(second, site)
    expect(second.locator(".caller")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("nav button", has_text="清除").click()
    for tab in (page, second):
        expect(tab.locator(".caller")).to_have_count(0)
        expect(tab.locator(".bot")).to_have_count(1)
