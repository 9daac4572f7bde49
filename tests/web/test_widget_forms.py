"""The widget's forms when something goes wrong, and what is left in the browser."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from core.settings import Settings
from tests.support.chromium import needs_chromium
from tests.support.host_page import Site, open_widget
from tests.support.widget import held, say, take_over

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures", "tests.support.host_page_fixtures")
pytestmark = needs_chromium


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    return settings.copy(update={"widget_origins": site.origin})


@pytest.fixture
def open_page(page: Page, site: Site) -> Page:
    open_widget(page, site)
    return page


def fill(page: Page, text: str, phone: str = "13800001234") -> None:
    page.locator(".panel nav button", has_text="填工单").click()
    page.fill("dialog textarea[name=text]", text)
    if phone:
        page.fill("dialog [name=phone]", phone)


@pytest.fixture
def lost(open_page: Page) -> list[str]:
    """The number of the first ticket, whose answer never arrives."""
    numbers: list[str] = []

    def lose_the_first(route: Route) -> None:
        if numbers:
            route.continue_()
            return
        numbers.append(route.fetch().json()["number"])
        route.abort()

    open_page.route("**/v1/tickets", lose_the_first)
    return numbers


def test_a_form_whose_answer_was_lost_can_be_sent_again_and_makes_one_ticket(open_page: Page, lost: list[str]) -> None:
    fill(open_page, "路灯坏了一个月")
    open_page.click("dialog [type=submit]")
    expect(open_page.locator("dialog .error")).to_contain_text("网络断了")
    open_page.click("dialog [type=submit]")
    expect(open_page.locator(".card.ticket .number")).to_have_text(lost)


def test_words_changed_after_a_lost_answer_become_a_ticket_too(open_page: Page, lost: list[str]) -> None:
    fill(open_page, "路灯坏了一个月")
    open_page.click("dialog [type=submit]")
    expect(open_page.locator("dialog .error")).to_contain_text("网络断了")
    open_page.fill("dialog textarea[name=text]", "路灯坏了一个月，是南门那盏")
    open_page.click("dialog [type=submit]")
    number = open_page.locator(".card.ticket .number")
    expect(number).to_have_count(1)
    assert number.inner_text() not in lost


def test_a_query_code_that_is_told_once_outlives_a_reload_and_the_other_language(open_page: Page) -> None:
    fill(open_page, "有家店没有证就卖药", phone="")
    open_page.check("dialog [name=anonymous]")
    open_page.click("dialog [type=submit]")
    card = open_page.locator(".card.ticket")
    expect(card).to_contain_text("只显示这一次")
    words = card.inner_text()
    open_page.reload()
    open_page.locator(".launch").click()
    expect(card).to_have_text(words.replace("\n", ""), use_inner_text=False)
    open_page.locator("header button", has_text="EN").click()
    expect(card.locator(".number")).to_have_count(1)


def test_a_draft_outlives_closing_the_form_and_an_empty_one_hides_nothing(open_page: Page) -> None:
    fill(open_page, "井盖没了", phone="13800001234")
    open_page.check("dialog [name=confidential]")
    open_page.keyboard.press("Escape")
    open_page.locator(".panel nav button", has_text="填工单").click()
    expect(open_page.locator("dialog textarea[name=text]")).to_have_value("井盖没了")
    expect(open_page.locator("dialog [name=confidential]")).to_be_checked()
    expect(open_page.locator("dialog [name=phone]")).to_have_value("")  # who it is is not kept
    open_page.fill("dialog textarea[name=text]", "")
    open_page.keyboard.press("Escape")
    say(open_page, "路灯坏了")
    expect(open_page.locator(".bot").last).to_contain_text("什么地方")
    open_page.locator(".panel nav button", has_text="填工单").click()
    expect(open_page.locator("dialog textarea[name=text]")).to_have_value("路灯坏了")


def test_erasing_leaves_nothing_though_the_gateway_does_not_answer(open_page: Page) -> None:
    say(open_page, "身份证丢了")
    expect(open_page.locator(".bot")).to_have_count(2)
    before = held(open_page)["id"]
    open_page.route("**/end", lambda route: None)  # never answered
    open_page.locator("header button", has_text="大字版").click()
    open_page.fill(".composer textarea", "我的电话是13800001234")
    open_page.on("dialog", lambda dialog: dialog.accept())
    open_page.locator(".panel nav button", has_text="清除").click()
    expect(open_page.locator(".caller")).to_have_count(0)
    expect(open_page.locator(".composer textarea")).to_have_value("")
    assert held(open_page)["id"] != before
    kept = open_page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert before not in kept and "13800001234" not in kept


def test_a_form_that_cannot_be_fetched_without_a_network_says_so(open_page: Page) -> None:
    open_page.context.set_offline(True)
    open_page.locator(".panel nav button", has_text="填工单").click()
    expect(open_page.locator(".system .bubble")).to_contain_text("网络断了")


def test_a_region_that_does_not_exist_costs_the_caller_nothing(page: Page, site: Site) -> None:
    site.attributes = 'data-region="379999"'
    open_widget(page, site)
    say(page, "身份证丢了")
    expect(page.locator(".bot")).to_have_count(2)


def test_large_print_chosen_later_is_told_to_the_desk(open_page: Page, gateway: str) -> None:
    with open_page.expect_request("**/signs") as told:
        open_page.locator("header button", has_text="大字版").click()
    assert told.value.post_data_json == {"elderly": True}


def test_what_a_person_says_is_read_when_it_is_seen_and_up_to_the_last_word(open_page: Page, gateway: str, operator: dict[str, str]) -> None:
    take_over(open_page, gateway, operator)
    expect(open_page.locator(".operator .bubble")).to_have_text("我来帮您。")
    path = f"{gateway}/v1/operator/conversations/{held(open_page)['id']}/messages"
    for _ in range(100):
        state = httpx.get(path, headers=operator, trust_env=False).json()
        if state.get("read") == state["last_seq"]:
            return
        open_page.wait_for_timeout(100)
    assert state.get("read") == state["last_seq"]
