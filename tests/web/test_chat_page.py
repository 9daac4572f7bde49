"""The gateway's own page, which is the widget filling the window, in a real browser against the gateway with a Rasa that can be made to fail."""

from __future__ import annotations

from typing import Iterator

import pytest
import redis
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Route, expect

from api.conversations import DUE, conversation_key
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import FakeRasa, serving
from tests.support.widget import held, say, take_over

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures")
pytestmark = needs_chromium


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(20000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(address)
    expect(page.locator(".bot .bubble").first).to_contain_text("智能助手")
    yield page
    context.close()
    assert faults == []


def test_a_question_is_answered_with_a_card_that_can_be_read(page: Page) -> None:
    say(page, "身份证丢了咋补")
    expect(page.locator(".bot .bubble").last).to_have_text("补身份证带上户口簿就行。")
    expect(page.locator(".card h3")).to_have_text("居民身份证丢失补领")
    expect(page.locator(".card li")).to_have_text("居民户口簿（原件）")
    expect(page.locator(".card .source")).to_contain_text("2026-11-01")
    expect(page.locator(".examples button")).to_have_count(0)


def test_an_example_and_an_option_are_asked_by_a_tap(page: Page) -> None:
    page.locator(".examples button").first.click()
    expect(page.locator(".caller .bubble")).to_have_text("身份证丢了怎么补")
    say(page, "补证")
    page.locator(".options button", has_text="驾驶证").click()
    expect(page.locator(".caller .bubble").last).to_have_text("驾驶证")


def test_words_are_never_read_as_markup(page: Page) -> None:
    say(page, "<img src=x onerror=alert(1)>")
    expect(page.locator(".caller .bubble")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator(".log img").count() == 0


def test_large_print_is_remembered_and_the_next_conversation_is_an_elderly_callers(page: Page) -> None:
    size = "getComputedStyle(document.querySelector('hotline-12345')).fontSize"
    assert page.evaluate(size) == "18px"
    large = page.locator("header button", has_text="大字版")
    large.click()
    expect(large).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) == "22px"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("for (const name of Object.keys(localStorage)) if (name.endsWith('session')) localStorage.removeItem(name)")
    with page.expect_request("**/v1/chat/sessions") as begun:
        page.reload()
    assert begun.value.post_data_json == {"elderly": True}
    expect(page.locator("header button", has_text="大字版")).to_have_attribute("aria-pressed", "true")


def test_an_alarm_shows_a_number_to_tap(page: Page) -> None:
    say(page, "家里着火了")
    expect(page.locator(".alarm .call a")).to_have_attribute("href", "tel:119")


def test_an_accident_with_injured_people_shows_both_numbers(page: Page) -> None:
    say(page, "撞伤人了")
    expect(page.locator(".alarm .call a")).to_have_text(["拨打 122", "拨打 120"])


def test_what_was_written_without_a_network_is_sent_once_when_it_is_back(page: Page, rasa: FakeRasa) -> None:
    page.context.set_offline(True)
    say(page, "身份证丢了")
    expect(page.locator(".notice")).to_contain_text("网络断了")
    expect(page.locator(".caller.waiting")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator(".bot .bubble").last).to_have_text("补身份证带上户口簿就行。")
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".caller")).to_have_count(1)
    expect(page.locator(".notice")).to_be_hidden()
    assert len(rasa.requests) == 1


def test_what_was_written_without_a_network_outlives_a_reload(page: Page, rasa: FakeRasa) -> None:
    page.context.route("**/messages", lambda route: route.abort())
    say(page, "身份证丢了")
    expect(page.locator(".notice")).to_contain_text("网络断了")
    page.reload()
    expect(page.locator(".caller.waiting .bubble")).to_have_text("身份证丢了")
    assert rasa.requests == []
    page.context.unroute("**/messages")
    expect(page.locator(".bot .bubble").last).to_have_text("补身份证带上户口簿就行。")
    expect(page.locator(".caller")).to_have_count(1)
    assert len(rasa.requests) == 1


def test_an_answer_that_was_lost_on_the_way_is_fetched_without_asking_twice(page: Page, rasa: FakeRasa) -> None:
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.post_data or "")
        route.fetch()
        route.abort()

    page.route("**/messages", lose_the_first)
    say(page, "身份证丢了")
    expect(page.locator(".notice")).to_contain_text("网络断了")
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator(".caller")).to_have_count(1)
    expect(page.locator(".bot")).to_have_count(2)
    assert len(rasa.requests) == 1


def test_a_reload_brings_the_conversation_back_in_order(page: Page) -> None:
    say(page, "身份证丢了")
    expect(page.locator(".bot")).to_have_count(2)
    page.reload()
    expect(page.locator(".message")).to_have_count(3)
    assert [line.split()[1] for line in page.locator(".message").evaluate_all("lines => lines.map(line => line.className)")] == [
        "bot", "caller", "bot"]


def test_without_the_stream_the_page_asks_for_what_it_missed(browser: Browser, address: str, operator: dict[str, str]) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("window.WebSocket = class { constructor() { throw new DOMException('SecurityError'); } }")
    page.goto(address)
    take_over(page, address, operator)
    expect(page.locator(".operator .bubble")).to_have_text("我来帮您。", timeout=20000)
    context.close()


def test_a_person_who_takes_over_is_seen_at_once_and_has_a_name(page: Page, address: str, operator: dict[str, str]) -> None:
    page.locator("nav .human").click()
    expect(page.locator("header p")).to_contain_text("正在排队")
    take_over(page, address, operator)
    expect(page.locator(".operator .bubble")).to_have_text("我来帮您。", timeout=8000)
    expect(page.locator(".operator .who")).to_have_text("测试")
    expect(page.locator("header p")).to_have_text("测试正在为您服务")


def test_at_a_fault_the_form_is_offered_with_the_words_in_it_and_leaves_a_ticket(page: Page) -> None:
    say(page, "坏了，路灯不亮")
    page.locator(".log button", has_text="填工单").click()
    expect(page.locator("dialog textarea")).to_have_value("坏了，路灯不亮")
    page.click("dialog [type=submit]")
    expect(page.locator("dialog .error")).to_contain_text("留一个电话")
    page.fill("dialog [name=phone]", "13800001234")
    page.click("dialog [type=submit]")
    page.wait_for_selector(".card .number", timeout=15000)
    assert len(page.locator(".card .number").inner_text()) == 16
    expect(page.locator("dialog")).to_have_count(0)


def test_an_anonymous_ticket_shows_its_code_once(page: Page) -> None:
    page.locator("nav button", has_text="填工单").click()
    page.check("dialog [value=举报]")
    page.fill("dialog textarea", "有家店没有证就卖药")
    page.check("dialog [name=anonymous]")
    expect(page.locator("dialog [name=phone]")).to_be_hidden()
    page.click("dialog [type=submit]")
    page.wait_for_selector(".card .number", timeout=15000)
    expect(page.locator(".card.ticket")).to_contain_text("只显示这一次")


def test_a_lost_session_is_begun_anew_and_the_message_still_sent(page: Page, redis_url: str) -> None:
    redis.from_url(redis_url).flushall()
    say(page, "身份证丢了")
    expect(page.locator(".bot .bubble").last).to_have_text("补身份证带上户口簿就行。")
    expect(page.locator(".bot")).to_have_count(3)  # the old greeting, the new one, the answer


def test_an_expired_session_goes_on_in_a_new_one_and_the_message_is_sent_once(page: Page, redis_url: str, rasa: FakeRasa) -> None:
    say(page, "身份证丢了")
    expect(page.locator(".bot")).to_have_count(2)
    store = redis.from_url(redis_url, decode_responses=True)
    (old,) = store.zrange(DUE, 0, -1)
    store.hset(conversation_key(old), mapping={"due": "1", "idle": "0"})  # as if a day had gone by
    say(page, "多少钱")
    expect(page.locator(".bot .bubble").nth(3)).to_have_text("您上次问的是“居民身份证丢失补领”要带的材料。接着说就行。")
    expect(page.locator(".bot")).to_have_count(5)  # two greetings, two answers, and what it was about
    expect(page.locator(".waiting")).to_have_count(0)
    assert [request["message"] for request in rasa.requests] == ["身份证丢了", "多少钱"]
    assert held(page)["id"] != old
    assert page.evaluate("Object.keys(localStorage).filter(name => name.includes(':out:'))") == []


def test_the_page_fits_a_phone(page: Page) -> None:
    say(page, "身份证丢了咋补")
    expect(page.locator(".card")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".card li").evaluate("line => parseFloat(getComputedStyle(line).fontSize)") >= 18
