"""An existing web chat client for Rasa, unchanged, in a real browser against the whole product."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.settings import ROOT
from tests.support.chromium import CHROMIUM
from tests.support.running_product import Product

pytest_plugins = ("tests.support.browser_fixtures",)
SITE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>某市政务服务网</title><link rel="icon" href="data:,">
<body><h1>某市政务服务网</h1><script src="/site/rasa-webchat.js"></script><script>
WebChat.default({socketUrl: location.origin, socketPath: "/socket.io/", initPayload: "/get_started", title: "12345 热线", subtitle: "",
                 inputTextFieldHint: "请输入您要问的事", embedded: false, params: {storage: "local"}, customMessageDelay: () => 0}, null);
</script></body></html>"""


@pytest.fixture(scope="module")
def client() -> str:
    """The built client, fetched by the project's script."""
    fetched = subprocess.run([ROOT / "scripts" / "rasa_webchat.sh"], capture_output=True, text=True, timeout=300)
    missing = "no chromium on this machine (set CHROMIUM)" if CHROMIUM is None else fetched.stderr.strip() if fetched.returncode else ""
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return (ROOT / ".cache" / "rasa-webchat" / "index.js").read_text(encoding="utf-8")


@pytest.fixture
def site(client: str, browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """A browser in which the product's address also serves a page that holds the client."""
    context = browser.new_context(viewport={"width": 1000, "height": 720})
    context.route("**/site/rasa-webchat.js", lambda route: route.fulfill(body=client, content_type="text/javascript"))
    context.route("**/site/page", lambda route: route.fulfill(body=SITE, content_type="text/html"))
    yield context
    context.close()


@pytest.fixture
def page(site: BrowserContext, product: Product) -> Page:
    page = site.new_page()
    page.set_default_timeout(30000)
    page.goto(f"{product.base}/site/page")
    page.click(".rw-launcher")
    expect(page.locator(".rw-response").first).to_contain_text("智能助手", timeout=30000)
    return page


@pytest.fixture(scope="module")
def operator(product: Product) -> dict[str, str]:
    made = product.hotline("admin", "key", "--role", "operator")
    return {"X-API-Key": next(word for word in made.stdout.split() if word.startswith("hk_"))}


def say(page: Page, text: str) -> None:
    page.fill(".rw-new-message", text)
    page.press(".rw-new-message", "Enter")


def hears(page: Page, words: str) -> None:
    expect(page.locator(".rw-response", has_text=words).last).to_be_visible(timeout=30000)


def conversation(page: Page) -> str:
    """The part of the client's session id that staff know."""
    return str(page.evaluate("JSON.parse(localStorage.chat_session).session_id")).split(".")[0]


def act(product: Product, operator: dict[str, str], id: str, act: str, **body: str) -> None:
    with product.http(**operator) as http:
        http.post(f"/v1/operator/conversations/{id}/{act}", json=body or None).raise_for_status()


def test_a_question_is_answered_and_a_choice_is_made_by_a_button(page: Page) -> None:
    say(page, "身份证丢了咋补，要带啥？")
    hears(page, "身份证")
    say(page, "身份证怎么办")
    choice = page.locator(".rw-reply").first
    expect(choice).to_be_visible(timeout=30000)
    name, answers = choice.inner_text(), page.locator(".rw-response").count()
    choice.click()
    expect(page.locator(".rw-client").last).to_have_text(name)
    expect(page.locator(".rw-response")).not_to_have_count(answers, timeout=30000)


def test_an_alarm_is_answered_with_the_number(page: Page) -> None:
    say(page, "我家着火了")
    hears(page, "119")


def test_a_person_takes_over_and_what_was_written_while_the_page_was_away_is_there_when_it_comes_back(
        page: Page, site: BrowserContext, product: Product, operator: dict[str, str]) -> None:
    say(page, "转人工")
    expect(page.locator(".rw-response")).not_to_have_count(1, timeout=30000)
    id = conversation(page)
    act(product, operator, id, "claim")
    act(product, operator, id, "messages", text="您好，我是座席，我来帮您。")
    hears(page, "我来帮您。")
    page.wait_for_timeout(1500)  # what was read is not told again; of the last half second nobody knows whether it was
    page.goto("about:blank")
    act(product, operator, id, "messages", text="材料我替您查好了。")
    page.goto(f"{product.base}/site/page")
    hears(page, "材料我替您查好了。")
    assert conversation(page) == id
    expect(page.locator(".rw-response", has_text="材料我替您查好了。")).to_have_count(1)
    expect(page.locator(".rw-client", has_text="转人工")).to_have_count(1)
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=f"{folder}/rasa-webchat.png", animations="disabled")
