"""The report of benchmarks.widget."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from statistics import median
from typing import Sequence

from benchmarks.widget_page.clients import OURS, PEER, files_of_one_language
from benchmarks.widget_page.measuring import EVERYTHING, LAUNCHER, LENGTHS, OPENED, PEER_LENGTHS, Figures
from benchmarks.widget_page.visit import SPEEDS
from cli.evaluation.report import table

BAR_BYTES = 40_000
_ABOUT = f"""The widget and the `{PEER.name}` client of npm (`scripts/rasa_webchat.sh`) in the page of the same made-up city portal, which
stands on another origin than the gateway. The gateway is the real one with a real Redis; behind it stands a Rasa that answers at once from a
script, so that the clients are measured and not the language model. Both clients are sent compressed. Each visit has a browser profile of its
own, with nothing in its cache. All runs on one machine, the two clients in turn; a figure is the median, in brackets least and most."""
_BYTES = f"""Cumulative: files of the client alone, without what is said. The bar of {BAR_BYTES:,} bytes is for everything that a page can
ever load in one language, over the line. The headers, which HTTP/1.1 repeats with each file, are part of it; a proxy that speaks HTTP/2 packs
them."""
_TIMES = """Milliseconds, seen by `requestAnimationFrame`, so to the next frame (17 ms). Launcher: from the start of the navigation to the
first frame in which the launcher has a size. Open: from the tap to the greeting; the widget loads its conversation and begins a session only
then, the peer does both with the page. Answer: from Enter to the first bubble of the answer, through the gateway. The slow line is Chromium's
own emulation, which slows HTTP and leaves WebSockets alone: the widget sends by HTTP, the peer does not."""
_LONG = f"""One conversation, on the machine as it is: half of the messages are the caller's, and of the answers two in five hold a card and
two in five a list of choices. Heap: the page's JavaScript after a collection. Scrolling: the longest frame while the whole conversation is
scrolled through in 60 steps. Answer: as above, after so many messages. Reload: from the start of the navigation until all {LENGTHS[-1]}
messages are there again behind the launcher; then the tap that shows them."""
_SHIFT = """Layout-shift score of the page around the client, summed over each visit, the most of all visits. Zero: nothing of the page ever
moved."""
Clients = tuple[Figures, Figures]


def markdown(ours: Figures, peer: Figures, runs: int, browser: str, note: str) -> str:
    """Return the whole report."""
    both = (ours, peer)
    return "\n\n".join(part for part in (
        "<!-- Written by benchmarks/widget.py; changes by hand are lost. -->", "# The widget in a page", note, _ABOUT,
        f"{_processor()}; Chromium {browser}; {runs} runs.",
        "## Bytes", _BYTES, _bytes(ours, peer),
        "## Times", _TIMES, _times(both),
        "## Long conversations", _LONG, _long(both),
        "## Layout shift", _SHIFT, table(("client", "score"), [(OURS.name, f"{max(ours.shifts):.3f}"), (PEER.name, f"{max(peer.shifts):.3f}")]),
    ) if part) + "\n"


def failures(ours: Figures) -> list[str]:
    """Return, in Chinese, what misses its bar."""
    everything = ours.loaded[EVERYTHING]
    never = sorted(name for name in files_of_one_language() if not any(url.endswith(f"/widget/{name}") for url in everything.files))
    found = [f"没有加载到，没算进字节数：{'、'.join(never)}"] if never else []
    if everything.wire >= BAR_BYTES:
        found.append(f"{everything.wire} 字节，超过 {BAR_BYTES}")
    if max(ours.shifts) > 0:
        found.append(f"页面被推动了：{max(ours.shifts):.3f}")
    return found


def _bytes(ours: Figures, peer: Figures) -> str:
    whole = peer.loaded[OPENED]
    lines = [(f"{OURS.name}, {name}", ours.loaded[name]) for name in (LAUNCHER, OPENED, EVERYTHING)] + [(PEER.name, whole)]
    return table(("what", "files", "over the line", f"of {BAR_BYTES:,}", "of it headers", "unpacked", "to the peer, over the line"), [
        (name, len(loaded.files), f"{loaded.wire:,}", f"{loaded.wire / BAR_BYTES:.0%}", f"{loaded.headers:,}", f"{loaded.plain:,}",
         f"{loaded.wire / whole.wire:.2f}") for name, loaded in lines])


def _times(both: Clients) -> str:
    rows: list[Sequence[object]] = []
    for key, name in (("launcher", "launcher"), ("open", "open"), ("answer", "first answer")):
        for client, figures in zip((OURS, PEER), both):
            rows.append((f"{name}, {client.name}", *(_spread(figures.numbers[key, speed.name]) for speed in SPEEDS)))
        rows.append((f"{name}, ratio", *(_ratio(both, key, speed.name) for speed in SPEEDS)))
    return table(("ms", *(speed.name for speed in SPEEDS)), rows)


def _long(both: Clients) -> str:
    rows: list[Sequence[object]] = []
    for key, name, digits in (("heap", "heap, MB", 1), ("nodes", "DOM nodes", 0), ("frame", "scrolling, longest frame, ms", 0),
                              ("late", "answer, ms", 0)):
        for client, figures in zip((OURS, PEER), both):
            rows.append((f"{name}, {client.name}", *(_spread(figures.numbers.get((key, length), []), digits) for length in LENGTHS)))
        rows.append((f"{name}, ratio", *(_ratio(both, key, length) if length in PEER_LENGTHS else "" for length in LENGTHS)))
    for key, name in (("reloaded", "reload, ms"), ("reopened", "tap after it, ms")):
        rows.append((f"{name}, {OURS.name}", *(_spread(both[0].numbers.get((key, length), [])) for length in LENGTHS)))
    return table(("messages", *map(str, LENGTHS)), rows)


def _spread(numbers: Sequence[float], digits: int = 0) -> str:
    if not numbers:
        return ""
    return f"{median(numbers):,.{digits}f} ({min(numbers):,.{digits}f}–{max(numbers):,.{digits}f})"


def _ratio(both: Clients, key: str, under: str | int) -> str:
    mine, other = (figures.numbers.get((key, under), []) for figures in both)
    return f"{median(mine) / median(other):.2f}" if mine and other and median(other) else ""


def _processor() -> str:
    try:
        models = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if "model name" in line]
    except OSError:
        models = []
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
