"""The page behind the link in a message, and the grades of the chat page, in a real browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from api.main import create_app
from api.ports import Parts
from core.cipher import load_cipher
from core.settings import Settings
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import serving
from tests.support.gateway_fakes import NOW
from tests.support.widget import say
from tickets.doing import Actor, Details
from tickets.model import NewTicket, Ticket, TicketType
from tickets.notices.link import may_rate, rating_link
from tickets.vocabulary import Act, Grade, Queue, Result, Role

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures")
pytestmark = needs_chromium
PATIENCE_MS = 20_000
LAMP = NewTicket(TicketType.HELP, "小区门口路灯坏了一个月没人修", "web", region="370102", phone="13812345678")


@dataclass
class City:
    """The gateway as the page finds it, and its tickets."""

    address: str
    settings: Settings
    parts: Parts

    def opened(self) -> str:
        return str(self.parts.tickets.open(LAMP, NOW).ticket.number)

    def closed(self) -> str:
        number = self.opened()
        ticket = self.ticket(number)
        office = Actor(Role.DEPARTMENT, "", ticket.department, ticket.office_region)
        for act, by, details in ((Act.RECEIVE, office, Details()), (Act.REPLY, office, Details(result=Result.SOLVED)), (Act.APPROVE, Role.OPERATOR, Details())):
            self.parts.tickets.act(number, act, by=by, at=NOW, note="修好了", details=details)  # type: ignore[attr-defined]
        return number

    def link(self, number: str) -> str:
        return rating_link(self.address, number, load_cipher(self.settings.personal_keys))

    def ticket(self, number: str) -> Ticket:
        return self.parts.tickets.repository.find(number)  # type: ignore[attr-defined,no-any-return]

    def follow_ups(self) -> list[Ticket]:
        return [one for one in self.parts.tickets.recent() if one.queue is Queue.RATING]  # type: ignore[attr-defined]


@pytest.fixture
def app(settings: Settings, parts: Parts) -> FastAPI:
    cipher = load_cipher(settings.personal_keys)
    return create_app(settings, replace(parts, may_rate=lambda number, token: may_rate(number, token, cipher)))


@pytest.fixture
def city(app: FastAPI, settings: Settings, parts: Parts) -> Iterator[City]:
    with serving(app) as address:
        yield City(address, settings, parts)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert faults == []


def submit(page: Page, grade: str) -> None:
    page.locator("#grades label").get_by_text(grade, exact=True).click()
    page.click("#form [type=submit]")


# --- the page behind the link ----------------------------------------------------------------------------------------
def test_the_link_shows_its_ticket_and_takes_a_grade_once(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    expect(page.locator("#number")).to_have_text(number)
    expect(page.locator("#status")).to_have_text("已办结")
    expect(page.locator("#grades label")).to_have_text([grade.value for grade in Grade])
    submit(page, "满意")
    expect(page.locator("#told")).to_contain_text("谢谢您的评价")
    expect(page.locator("#form")).to_be_hidden()
    assert city.ticket(number).rating is Grade.GOOD
    page.reload()
    expect(page.locator("#told")).to_contain_text("已经评价过了：满意")
    expect(page.locator("#form")).to_be_hidden()


def test_a_bad_grade_asks_why_and_promises_a_call(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    expect(page.locator("#form")).to_be_visible()
    expect(page.locator("#why")).to_be_hidden()
    page.locator("#grades label").get_by_text("非常不满意", exact=True).click()
    page.fill("#why textarea", "路灯又坏了")
    page.click("#form [type=submit]")
    expect(page.locator("#told")).to_contain_text("给您回电话")
    assert (city.ticket(number).rating, city.ticket(number).rating_reason) == (Grade.VERY_BAD, "路灯又坏了")
    assert len(city.follow_ups()) == 1


def test_a_reason_written_for_a_bad_grade_does_not_go_along_with_a_good_one(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    page.locator("#grades label").get_by_text("不满意", exact=True).click()
    page.fill("#why textarea", "点错了")
    submit(page, "基本满意")
    expect(page.locator("#told")).to_contain_text("谢谢您的评价")
    assert (city.ticket(number).rating, city.ticket(number).rating_reason) == (Grade.FAIR, "")


def test_nothing_is_sent_without_a_grade(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    page.click("#form [type=submit]")
    expect(page.locator("#told.fault")).to_have_text("请先选一个。")
    assert city.ticket(number).rating is None


def test_a_ticket_that_is_not_closed_cannot_be_rated_yet(page: Page, city: City) -> None:
    page.goto(city.link(city.opened()))
    expect(page.locator("#told")).to_contain_text("现在还不能评价")
    expect(page.locator("#status")).to_have_text("已派单，正在办理")
    expect(page.locator("#form")).to_be_hidden()


@pytest.mark.parametrize(("tail", "told"), [("", "链接不完整"), ("#2026110112345678", "链接不完整"), ("#2026110112345678." + "A" * 22, "链接不对")])
def test_a_link_that_is_cut_or_wrong_says_what_to_do(page: Page, city: City, tail: str, told: str) -> None:
    page.goto(f"{city.address}/rate{tail}")
    expect(page.locator("#told.fault")).to_contain_text(told)
    expect(page.locator("#told")).to_contain_text("12345")
    expect(page.locator("#ticket")).to_be_hidden()


def test_a_grade_that_did_not_get_out_can_be_sent_again(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    expect(page.locator("#form")).to_be_visible()
    page.context.set_offline(True)
    submit(page, "满意")
    expect(page.locator("#told.fault")).to_contain_text("网络断了")
    page.context.set_offline(False)
    page.click("#form [type=submit]")
    expect(page.locator("#told")).to_contain_text("谢谢您的评价")
    assert city.ticket(number).rating is Grade.GOOD


def test_who_has_rated_elsewhere_meanwhile_is_told_his_grade(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    expect(page.locator("#form")).to_be_visible()
    city.parts.tickets.rate(number, "满意", at=NOW, trusted=True)
    submit(page, "非常不满意")
    expect(page.locator("#told")).to_contain_text("已经评价过了：满意")
    assert city.ticket(number).rating is Grade.GOOD


def test_the_secret_of_the_link_goes_to_the_gateway_alone_and_into_no_address(page: Page, city: City) -> None:
    number = city.closed()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(city.link(number))
    submit(page, "满意")
    expect(page.locator("#told")).to_contain_text("谢谢您的评价")
    token = city.link(number).rsplit(".", 1)[1]
    assert asked and all(url.startswith(city.address) and token not in url.split("#")[0] for url in asked)


def test_the_rate_page_fits_a_phone_and_is_worked_by_keys(page: Page, city: City) -> None:
    number = city.closed()
    page.goto(city.link(number))
    expect(page.locator("#form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20
    page.locator("#grades input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("谢谢您的评价")
    assert city.ticket(number).rating is Grade.GOOD


# --- the chat page ---------------------------------------------------------------------------------------------------
def test_a_chat_can_be_rated_once_when_something_was_answered(page: Page, city: City) -> None:
    page.goto(city.address)
    expect(page.locator(".bot .bubble").first).to_contain_text("智能助手")
    rate = page.locator("nav button", has_text="评价")
    expect(rate).to_be_hidden()
    say(page, "身份证丢了")
    rate.click()
    page.locator("dialog label").get_by_text("非常不满意", exact=True).click()
    page.fill("dialog textarea", "没听懂我的话")
    page.click("dialog [type=submit]")
    expect(page.locator(".system .bubble").last).to_contain_text("您的评价是非常不满意")
    expect(rate).to_be_hidden()
    say(page, "身份证丢了")
    expect(page.locator(".bot .bubble")).to_have_count(3)
    expect(rate).to_be_hidden()
    page.reload()
    expect(page.locator(".bot .bubble")).to_have_count(3)
    expect(rate).to_be_hidden()
