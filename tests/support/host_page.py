"""A made-up site, on an address of its own, with the widget's one line in its page."""

from __future__ import annotations

from typing import Any, Awaitable, Callable

from playwright.sync_api import Page, expect

BODY = """<header><h1>云泽市政务服务网</h1></header>
<main><p>办事指南 <a href="#top">回到顶部</a></p><ul><li>户籍</li><li>婚姻</li></ul><form><label>搜索 <input name="q"></label><button>找</button></form></main>"""

# What pages do to everything in them.
RUDE_STYLES = """<style>
html { font-size: 60px; direction: rtl } body { transform: translateY(40px); overflow: hidden; height: 90px }
* { all: unset !important; font-size: 3px !important; --blue: red !important; color: red !important }
button { display: none !important } hotline-12345 { display: none !important; position: static !important; opacity: 0 !important }
</style>"""
# What Prototype.js 1.6, MooTools 1.1 to 1.3 and a page's own scripts do to the language and the browser.
OLD_LIBRARIES = """<script>
Object.prototype.extend = function (more) { for (const name in more) this[name] = more[name]; return this; };
Array.prototype.extend({
  toJSON() { return '[' + this.map(String).join(', ') + ']'; }, entries() { return this.slice(); }, each(work) { this.forEach(work); },
  contains(one) { return this.indexOf(one) >= 0; }, find(work) { for (const one of this) if (work(one)) return one; },
});
String.prototype.extend({ toJSON() { return '"' + this + '"'; }, contains(part) { return this.indexOf(part) >= 0; } });
Function.prototype.extend({ bind(to, more) { const work = this; return (...given) => work.apply(to, more ? [].concat(more) : given); } });
Array.from = (item) => (item === null ? [] : typeof item === 'object' && 'length' in item ? [].slice.call(item) : [item]);
Object.keys = (thing) => { const names = []; for (const name in thing) names.push(name); return names; };
Element.prototype.getElementsByClassName = function (name) { return [].slice.call(this.querySelectorAll('.' + name)); };
Element.prototype.remove = function () { return this.parentNode.removeChild(this); };
window.$ = (id) => document.getElementById(id);
const nativeFetch = window.fetch;
window.asked = [];
window.fetch = function (address) { window.asked.push(address); return nativeFetch.apply(this, arguments); };
addEventListener('load', () => { JSON.stringify = () => 'gone'; });
</script>"""


class Site:
    """Answers every path with its page: `head` comes before the widget's line, `attributes` go into it; `policy` is the page's CSP."""

    def __init__(self) -> None:
        self.origin = ""
        self.gateway = ""  # where the widget comes from; without one the page stands alone
        self.head = self.attributes = self.policy = ""
        self.lines = 1

    def html(self) -> str:
        line = f'<script type="module" src="{self.gateway}/widget/widget.js" {self.attributes}></script>' if self.gateway else ""
        return (f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
                f'<title>云泽市</title><link rel="icon" href="data:,">{self.head}{line * self.lines}</head><body>{BODY}</body></html>')

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return
        headers = [(b"content-type", b"text/html"), *([(b"content-security-policy", self.policy.encode())] if self.policy else [])]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.html().encode()})


def open_widget(page: Page, site: Site) -> None:
    """Go to the site, tap the launcher, and wait for the greeting."""
    page.goto(site.origin)
    page.click(".launch")
    expect(page.locator(".bot .bubble").first).to_be_visible()
