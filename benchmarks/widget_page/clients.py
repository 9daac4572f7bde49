"""The two chat clients as a page sees them."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import ROOT


@dataclass(frozen=True)
class Client:
    """Selectors of a client, which may stand in a shadow root; `page` is its page on the site."""

    name: str
    page: str
    launcher: str
    heard: str
    said: str
    text: str


OURS = Client("the widget", "ours", ".launch", ".bot .bubble", ".caller .bubble", ".composer textarea")
PEER = Client("rasa-webchat 1.0.1", "peer", ".rw-launcher", ".rw-response", ".rw-client", ".rw-new-message")

_FILES = ROOT / "web" / "widget"
_WORDS = _FILES / "strings"


def files_of_one_language() -> frozenset[str]:
    """Return the names of all files that a page can ever load of the widget in Chinese, as they stand in an address."""
    return frozenset(path.relative_to(_FILES).as_posix() for path in _FILES.rglob("*.js") if path.parent != _WORDS or path.stem == "zh")
