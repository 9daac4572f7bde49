"""The widget in another site's page, against the whole product: what callers do with it from the first question to the grade.

With TEST_PICTURES set to a folder the main states are kept there as pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Callable

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from cli.demo import portal
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import serving
from tests.support.host_page import OLD_LIBRARIES, RUDE_STYLES, Site
from tests.support.running_product import Product
from tests.support.widget import held, say

pytest_plugins = ("tests.support.browser_fixtures",)
pytestmark = needs_chromium
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def site(product: Product, portal_port: int) -> Iterator[str]:
    with serving(portal(product.base), portal_port) as origin:
        yield origin


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1100, "height": 760}, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: str) -> Iterator[Page]:
    faults: list[str] = []
    page = opened(context, site, faults)
    yield page
    assert faults == []


@pytest.fixture(scope="module")
def operator(product: Product) -> dict[str, str]:
    made = product.hotline("admin", "key", "--role", "operator", "--label", "王师傅")
    return {"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))}


def opened(context: BrowserContext, site: str, faults: list[str] | None = None) -> Page:
    """A page of the portal with the widget open."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    if faults is not None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(site)
    page.locator(".launch").click()
    expect(page.locator(".bot .bubble").first).to_contain_text("智能助手")
    return page


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"widget_{name}.png", animations="disabled")


def act(product: Product, operator: dict[str, str], page: Page, name: str, **body: str) -> None:
    with product.http(**operator) as http:
        http.post(f"/v1/operator/conversations/{held(page)['id']}/{name}", json=body or None).raise_for_status()


def photo() -> bytes:
    """A small picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    made = BytesIO()
    Image.new("RGB", (64, 48), "gray").save(made, "JPEG", exif=exif)
    return made.getvalue()


def told(page: Page, words: str) -> None:
    expect(page.locator(".bot .bubble", has_text=words).last).to_be_visible()


def test_a_question_brings_a_card_whose_papers_can_be_ticked_and_taken_along(page: Page) -> None:
    picture(page, "portal")
    say(page, "俺身份证丢了咋补，要带啥？")
    card = page.locator(".card.item")
    expect(card.locator("h3")).to_contain_text("身份证")
    card.locator(".checks input").first.check()
    expect(card.locator(".count")).to_contain_text("备齐 1/")
    picture(page, "card")
    with page.expect_download() as download:
        card.locator("button", has_text="下载").click()
    assert "□ " in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.reload()
    page.locator(".launch").click()
    expect(page.locator(".checks input").first).to_be_checked()


def test_a_vague_question_is_asked_back_with_buttons_and_a_tap_answers(page: Page) -> None:
    say(page, "身份证怎么办")
    option = page.locator(".options button").first
    name, answers = option.inner_text(), page.locator(".bot").count()
    option.click()
    expect(page.locator(".caller .bubble").last).to_have_text(name)
    expect(page.locator(".bot")).not_to_have_count(answers)


def test_a_life_event_is_a_timeline_whose_steps_can_be_asked_about(page: Page) -> None:
    say(page, "想开个饭馆要办啥手续")
    timeline = page.locator(".card.life_event .timeline")
    expect(timeline.locator("li").first).to_contain_text("第 1 步")
    timeline.scroll_into_view_if_needed()
    picture(page, "life_event")
    step = timeline.locator("button.step").first
    words = step.inner_text()
    step.click()
    expect(page.locator(".caller .bubble").last).to_have_text(words)


def test_a_form_knows_what_was_said_takes_photos_and_the_ticket_can_be_followed_and_urged(page: Page, product: Product) -> None:
    say(page, "小区门口路灯坏了一个月没人修")
    expect(page.locator(".bot")).not_to_have_count(1)
    page.locator(".panel nav button", has_text="填工单").click()
    expect(page.locator("dialog textarea[name=text]")).to_have_value("小区门口路灯坏了一个月没人修")
    page.fill("dialog [name=address]", "济南市历下区解放路阳光花园南门")
    page.fill("dialog [name=phone]", "13800001234")
    page.set_input_files("dialog [type=file]", [{"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo()},
                                                {"name": "假的.jpg", "mimeType": "image/jpeg", "buffer": b"<script>alert(1)</script>"}])
    picture(page, "form")
    page.click("dialog [type=submit]")
    number = page.locator(".card.ticket .number").inner_text()
    expect(page.locator(".system .bubble", has_text="1 张照片已经附在工单上")).to_be_visible()
    expect(page.locator(".system .bubble", has_text="照片“假的.jpg”没传上")).to_be_visible()
    page.locator(".card.ticket button", has_text="查进度").click()
    expect(page.locator("dialog .stages .done").first).to_have_text("受理")
    expect(page.locator("dialog dd").first).not_to_be_empty()
    picture(page, "progress")
    page.locator("dialog button", has_text="催一下").click()
    expect(page.locator("dialog [role=status]")).to_have_text("已经帮您催了。")
    with product.http(**{"X-Ticket-Proof": "1234"}) as http:
        ticket = http.get(f"/v1/tickets/{number}").json()
    assert (ticket["urged"], ticket["photos"]) == (1, 1)


def test_a_person_comes_by_name_types_reads_and_gives_back_and_the_conversation_is_rated(
        page: Page, product: Product, operator: dict[str, str]) -> None:
    say(page, "俺身份证丢了咋补，要带啥？")
    expect(page.locator(".card")).to_be_visible()
    page.locator(".panel nav .human").click()
    expect(page.locator(".panel header p")).to_contain_text("正在排队")
    act(product, operator, page, "claim")
    expect(page.locator(".panel header p")).to_have_text("王师傅正在为您服务")
    say(page, "我在外地能办吗")
    with product.http(**operator) as http:
        http.get(f"/v1/operator/conversations/{held(page)['id']}/messages").raise_for_status()
    expect(page.locator(".seen")).to_have_text("已读")
    act(product, operator, page, "messages", text="能，就近找派出所就行。")
    expect(page.locator(".operator .who").last).to_have_text("王师傅")
    expect(page.locator(".seen")).to_have_text("已读")
    picture(page, "person")
    act(product, operator, page, "return")
    expect(page.locator(".panel header p")).to_have_text("智能助手为您服务")
    say(page, "那要多少钱")
    expect(page.locator(".bot").last).to_contain_text("元")
    page.locator(".panel nav button", has_text="评价").click()
    page.locator("dialog label", has_text="基本满意").click()
    picture(page, "rating")
    page.click("dialog [type=submit]")
    expect(page.locator(".system .bubble").last).to_contain_text("基本满意")


def test_what_is_written_without_a_network_arrives_once_and_two_tabs_show_the_same(page: Page, context: BrowserContext, site: str) -> None:
    second = opened(context, site)
    context.set_offline(True)
    say(page, "护照怎么办")
    expect(page.locator(".notice")).to_contain_text("网络断了")
    picture(page, "offline")
    page.evaluate("window.stop()")
    context.set_offline(False)
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".bot")).not_to_have_count(1)
    for tab in (page, second):
        expect(tab.locator(".caller .bubble")).to_have_text(["护照怎么办"])
    texts: Callable[[Page], list[str]] = lambda tab: tab.locator(".message .bubble").all_inner_texts()  # noqa: E731
    before = texts(page)
    page.reload()
    page.locator(".launch").click()
    expect(page.locator(".message .bubble")).to_have_text(before)
    assert texts(second) == before


def test_danger_is_answered_first_with_a_number_to_tap(page: Page) -> None:
    say(page, "家里着火了")
    expect(page.locator(".alarm .call a").first).to_have_attribute("href", "tel:119")
    picture(page, "alarm")


def test_elderly_mode_is_large_plain_and_says_so_to_the_desk(page: Page, product: Product, operator: dict[str, str]) -> None:
    page.locator(".panel header button", has_text="大字版").click()
    page.evaluate("for (const name of Object.keys(localStorage)) if (name.endsWith(':session')) localStorage.removeItem(name)")
    page.reload()
    page.locator(".launch").click()
    expect(page.locator(".examples")).to_be_hidden()
    say(page, "退休金咋认证")
    expect(page.locator(".bot")).not_to_have_count(1)
    picture(page, "large")
    page.locator(".panel nav .human").click()
    expect(page.locator(".panel header p")).to_contain_text("正在排队")
    with product.http(**operator) as http:
        waiting = http.get("/v1/operator/queue").json()["waiting"]
    assert [entry["elderly"] for entry in waiting if entry["id"] == held(page)["id"]] == [True]


def test_on_a_phone_the_widget_fills_the_screen_and_speaks_english_when_asked(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 780})
    page = opened(context, site)
    say(page, "俺身份证丢了咋补，要带啥？")
    expect(page.locator(".card")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    picture(page, "phone")
    page.locator(".panel header button", has_text="EN").click()
    expect(page.locator(".panel header p")).to_have_text("You are talking to the assistant")
    expect(page.locator(".caller .bubble")).to_have_text("俺身份证丢了咋补，要带啥？")
    picture(page, "english")
    context.close()


def test_a_line_that_breaks_in_mid_message_loses_and_doubles_nothing(page: Page) -> None:
    broken: list[str] = []

    def break_once(route: Route) -> None:
        if broken or route.request.method != "POST":
            route.continue_()
            return
        broken.append(route.request.post_data or "")
        route.fetch()  # it has arrived and was answered
        route.abort()

    page.route("**/messages", break_once)
    say(page, "结婚登记要带什么")
    expect(page.locator(".notice")).to_contain_text("网络断了")
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".caller .bubble")).to_have_text(["结婚登记要带什么"])
    assert len(broken) == 1


def test_the_keyboard_alone_is_enough(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    page.goto(site)
    expect(page.locator(".launch")).to_be_visible()
    for _ in range(20):
        if page.evaluate("document.activeElement.localName") == "hotline-12345":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".composer textarea")).to_be_focused()
    page.keyboard.type("俺身份证丢了咋补")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".launch")).to_be_focused()


def test_a_page_that_bends_styles_and_language_is_no_hindrance(context: BrowserContext, site: str, product: Product) -> None:
    host = Site()
    host.gateway, host.head = product.base, RUDE_STYLES + OLD_LIBRARIES
    context.route(f"{site}/hostile", lambda route: route.fulfill(body=host.html(), content_type="text/html"))
    page = context.new_page()
    page.goto(f"{site}/hostile")
    page.locator(".launch").click()
    say(page, "身份证怎么办")
    page.locator(".options button").first.click()
    expect(page.locator(".bot")).to_have_count(3)
    assert page.locator(".bot .bubble").first.evaluate("bubble => getComputedStyle(bubble).fontSize") == "18px"
