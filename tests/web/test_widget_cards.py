"""A card is taken along: ticked off, printed alone, saved as a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from tests.support.chromium import needs_chromium
from tests.support.fake_rasa import SCRIPT
from tests.support.host_page import Site, open_widget
from tests.support.widget import say

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures", "tests.support.host_page_fixtures")
pytestmark = needs_chromium
ROWS = [{"key": "materials", "title": "要带的材料", "lines": ["居民户口簿（原件）", "近期照片"]},
        {"key": "phone", "title": "电话", "lines": ["咨询 0531-12345678"]},
        {"key": "online", "title": "网上办", "lines": ["可以"], "url": "https://example.gov.cn/a"}]
CARD = {"kind": "item", "code": "id-card-reissue", "name": "身份证/补领", "as_of": "2026-11-01", "rows": ROWS, "basis": ["《身份证法》"]}
HIDDEN = "[...document.querySelectorAll('body, main, main p')].every((one) => !one.checkVisibility())"


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    return settings.copy(update={"widget_origins": site.origin})


@pytest.fixture
def card(page: Page, site: Site, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A conversation in which a card lies below an alarm and an answer."""
    monkeypatch.setitem(SCRIPT, "补领", [{"text": "请看。", "custom": {"outcome": "answered", "card": CARD}}])
    page.add_init_script("window.print = () => { window.printed = true; }")  # a real one prints and says so afterwards
    open_widget(page, site)
    for words in ("家里着火了", "补领"):
        say(page, words)
        expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".card")).to_be_visible()
    return page


def test_what_was_ticked_stays_ticked(card: Page, site: Site) -> None:
    card.get_by_label("近期照片").check()
    expect(card.locator(".count")).to_have_text("备齐 1/2")
    card.reload()
    card.click(".launch")
    expect(card.get_by_label("近期照片")).to_be_checked()
    expect(card.get_by_label("居民户口簿（原件）")).not_to_be_checked()
    card.get_by_label("近期照片").uncheck()
    expect(card.locator(".count")).to_be_hidden()


def test_printing_prints_the_card_alone_and_leaves_the_page_as_it_was(card: Page) -> None:
    assert card.evaluate("document.adoptedStyleSheets.length") == 0
    card.locator(".card button", has_text="打印").click()
    assert card.evaluate("printed")
    card.emulate_media(media="print")
    expect(card.locator(".card h3")).to_be_visible()
    assert card.evaluate(HIDDEN)
    for other in (".bubble", ".call", "header h2", ".composer", ".launch", ".tools"):
        assert not any(one.is_visible() for one in card.locator(f"hotline-12345 {other}").all()), other
    card.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(card.locator("hotline-12345")).to_be_hidden()  # what the reader prints of the page itself is without us
    assert not card.evaluate(HIDDEN)
    card.emulate_media(media="screen")
    expect(card.locator(".bubble").last).to_be_visible()
    assert card.evaluate("document.adoptedStyleSheets.length") == 0


def test_the_checklist_is_saved_as_a_text(card: Page) -> None:
    with card.expect_download() as saved:
        card.locator(".card button", has_text="下载").click()
    assert saved.value.suggested_filename == "身份证 补领.txt"
    assert Path(saved.value.path()).read_bytes().decode("utf-8-sig").split("\r\n") == [
        "身份证/补领", "", "要带的材料", "□ 居民户口簿（原件）", "□ 近期照片", "", "电话", "- 咨询 0531-12345678", "", "网上办", "- 可以", "",
        "依据：《身份证法》", "核对日期：2026-11-01"]


def test_a_number_can_be_rung_and_a_page_to_apply_be_opened_beside_this_one(card: Page) -> None:
    expect(card.locator(".card a[href^='tel:']")).to_have_attribute("href", "tel:0531-12345678")
    online = card.locator(".card a.go")
    expect(online).to_have_attribute("href", "https://example.gov.cn/a")
    expect(online).to_have_attribute("target", "_blank")
    expect(online).to_have_attribute("rel", "noopener noreferrer")
