"""Makes the README's pictures from the running product: the chat page and a terminal session.

Run `make serve` first, then `.venv/bin/python scripts/readme_pictures.py`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.text import Text

from cli.paths import run_file
from core.settings import ROOT, load_settings

PICTURES = ROOT / "docs" / "pictures"
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync"]
SESSION = (("ask", "俺身份证丢了咋补，要带啥？"), ("ask", "着火了快！"), ("tickets",))
TALK = ("俺身份证丢了咋补，要带啥？", "那要多少钱呢", "小区门口路灯坏了一个月没人修", "济南历下区解放路12号阳光花园", "13812345678", "对，提交")
EVENT = "几十平的小饭馆怎么开"


def say(page: Page, text: str) -> None:
    """Type a message as a caller does and wait until the reply stands there."""
    box = page.locator(".composer textarea")
    before = page.locator(".message.bot").count()
    box.fill(text)
    box.press("Enter")
    page.locator(".message.bot").nth(before).wait_for(timeout=15_000)
    page.wait_for_timeout(500)  # it scrolls into its place


def terminal_html() -> str:
    """Run the session and return it as a page."""
    console = Console(record=True, width=104, file=io.StringIO(), force_terminal=True)
    for words in SESSION:
        shown = " ".join(f'"{word}"' if not word.isascii() else word for word in words)
        console.print(Text.assemble(("$ ", "bold green"), f"hotline {shown}"))
        done = subprocess.run([sys.executable, "-m", "cli.main", *words], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "104"})
        console.print(Text.from_ansi(done.stdout.rstrip()))
    # Chinese is two columns wide only in a Chinese monospace font, whose frames are two columns wide as well: those come from another.
    style = ("<style>@font-face{font-family:Frames;src:local('DejaVu Sans Mono');unicode-range:U+2500-257F;size-adjust:83%}"
             "body{margin:16px} pre, code{font:15px/1.35 Frames, 'Noto Sans Mono CJK SC', monospace !important}</style>")
    return console.export_html(inline_styles=True).replace("</head>", style + "</head>")


def main() -> None:
    """Write chat.png, ticket.png, life_event.png and terminal.png."""
    address = json.loads(Path(run_file(load_settings())).read_text())["gateway"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        page = browser.new_page(viewport={"width": 960, "height": 1100})
        page.goto(address)
        page.wait_for_selector(".message.bot")
        for text in TALK[:2]:
            say(page, text)
        page.screenshot(path=PICTURES / "chat.png")
        for text in TALK[2:]:
            say(page, text)
        page.set_viewport_size({"width": 420, "height": 900})
        page.wait_for_timeout(400)
        page.screenshot(path=PICTURES / "ticket.png")
        event = browser.new_page(viewport={"width": 760, "height": 1650})
        event.goto(address)
        event.wait_for_selector(".message.bot")
        say(event, EVENT)
        event.screenshot(path=PICTURES / "life_event.png")
        terminal = browser.new_page(viewport={"width": 1000, "height": 400})  # a page of its own, without the gateway's style rules
        terminal.set_content(terminal_html())
        terminal.screenshot(path=PICTURES / "terminal.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
