"""Spoken words in, answers read aloud: by the browser, where it can."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from tests.support.chromium import needs_chromium
from tests.support.host_page import Site, open_widget
from tests.support.widget import say

pytest_plugins = ("tests.support.gateway_fixtures", "tests.support.browser_fixtures", "tests.support.host_page_fixtures")
pytestmark = needs_chromium
LISTENER = """window.SpeechRecognition = class { start() { window.listening = this; } stop() { this.onend(); } }"""
VOICE = """const voice = { speak(words) { window.spoken = words; }, cancel() { window.spoken = null; } };
Object.defineProperty(window, 'speechSynthesis', { value: voice });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } }"""


@pytest.fixture
def settings(settings: Settings, site: Site) -> Settings:
    return settings.copy(update={"widget_origins": site.origin})



def test_spoken_words_are_written_down_and_not_sent(page: Page, site: Site) -> None:
    page.add_init_script(LISTENER)
    open_widget(page, site)
    button = page.locator(".listen")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".hint")).to_have_text("请说…")
    page.evaluate("listening.onresult({ results: [[{ transcript: '身份证丢了' }]] }), listening.onend()")
    expect(page.locator(".composer textarea")).to_have_value("身份证丢了")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".hint")).to_have_count(0)
    expect(page.locator(".caller")).to_have_count(0)
    page.reload()
    page.click(".launch")
    expect(page.locator(".composer textarea")).to_have_value("身份证丢了")


def test_words_that_were_not_understood_are_asked_for_again(page: Page, site: Site) -> None:
    page.add_init_script(LISTENER)
    open_widget(page, site)
    page.locator(".listen").click()
    page.evaluate("listening.onerror({ error: 'no-speech' }), listening.onend()")
    expect(page.locator(".hint")).to_contain_text("没听清")
    expect(page.locator(".listen")).to_have_attribute("aria-pressed", "false")


def test_an_answer_is_read_aloud_until_it_is_stopped(page: Page, site: Site) -> None:
    page.add_init_script(VOICE)
    open_widget(page, site)
    say(page, "身份证丢了")
    expect(page.locator(".bot")).to_have_count(2)
    speak = page.locator(".speak").last
    speak.click()
    assert page.evaluate("[spoken.text, spoken.lang]") == ["补身份证带上户口簿就行。", "zh-CN"]
    expect(speak).to_have_text("别读了")
    speak.click()
    assert page.evaluate("spoken") is None
    expect(speak).to_have_text("读出来")
    speak.click()
    page.evaluate("spoken.onend()")
    expect(speak).to_have_text("读出来")
    speak.click()
    page.keyboard.press("Escape")
    assert page.evaluate("spoken") is None


def test_without_voice_and_ear_there_are_no_such_buttons(page: Page, site: Site) -> None:
    page.add_init_script("for (const name of ['SpeechRecognition', 'webkitSpeechRecognition', 'speechSynthesis'])"
                         " Object.defineProperty(window, name, { value: undefined })")
    open_widget(page, site)
    expect(page.locator(".listen, .speak")).to_have_count(0)
