"""Two pictures: how long turns take by number of callers, and how long callers waited while parts died."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.crowd.figures import of_run
from benchmarks.crowd.ledger import APOLOGY
from benchmarks.crowd.runs import Blow, Run
from benchmarks.matchers.pictures import FONTS

COLOURS = {"web": "#2e86c1", "ivr": "#c0392b"}
# Chinese, and what stands there without a Chinese font.
WORDS = {
    "load title": ("每轮耗时（毫秒）", "a turn (ms)"), "web": ("网页", "web"), "ivr": ("电话", "phone"),
    "active": ("{active} 人在说", "{active} active"),
    "idle": ("{active} 人在说\n{all} 个会话开着", "{active} active\n{all} open"),
    "chaos title": ("部件被杀时来访人等了多久", "waiting while parts die"), "seconds": ("秒", "seconds"),
    "waited": ("从说完到听到回答（秒）", "from saying to hearing (s)"),
    "rasa": ("Rasa", "Rasa"), "actions": ("动作服务", "actions"), "gateway": ("网关", "gateway"), "redis": ("Redis", "Redis"),
    "answered": ("答了", "answered"),
    "apology": ("致歉并给出别的办法", "apology"), "healthy": ("恢复中", "recovering"),
}


class Pictures:
    """Draws into a folder; with `chinese` false the labels are English for want of a font."""

    def __init__(self, folder: Path) -> None:
        """Look for a Chinese font on this machine."""
        known = {font.name for font in font_manager.fontManager.ttflist}
        font = next((font for font in FONTS if font in known), None)
        self.chinese = font is not None
        self._folder = folder
        self._style = {"axes.unicode_minus": False, **({"font.sans-serif": [font], "font.family": "sans-serif"} if font else {})}

    def load(self, runs: Sequence[Run]) -> str:
        """Draw p50, p95 and p99 of each run, one behind the other, and return the file's name."""
        with matplotlib.rc_context(self._style):
            figure, axes = _figure(2 + 1.7 * len(runs))
            for place, run in enumerate(runs):
                for one in of_run(run):
                    x = place + (-0.2 if one.channel == "web" else 0.2)
                    for height, alpha in ((one.p99, 0.25), (one.p95, 0.5), (one.p50, 1.0)):
                        axes.bar(x, height, 0.34, color=COLOURS[one.channel], alpha=alpha)
                    for height, name in ((one.p50, "p50"), (one.p99, "p99")):
                        axes.text(x, height, f"{name} {height:.0f}", ha="center", va="bottom", fontsize=7)
            for channel, colour in COLOURS.items():
                axes.bar(0, 0, color=colour, label=self._say(channel))
            axes.set_xticks(range(len(runs)), [self._callers(run) for run in runs])
            axes.set_title(self._say("load title"))
            axes.legend(frameon=False)
            return self._save(figure, "conversations.png")

    def chaos(self, run: Run, blows: Sequence[Blow]) -> str:
        """Draw every turn of the stormy run by when it began and how long it waited, and return the file's name."""
        with matplotlib.rc_context(self._style):
            figure, axes = _figure(9.0)
            turns = [turn for talk in run.talks for turn in talk.turns if turn.outcome]
            for key, colour in (("answered", "#2e86c1"), ("apology", "#e67e22")):
                shown = [turn for turn in turns if (turn.outcome == APOLOGY) == (key == "apology")]
                axes.scatter([turn.at - run.began for turn in shown], [turn.waited for turn in shown], s=8, color=colour, label=self._say(key))
            for number, blow in enumerate(blows):
                axes.axvline(blow.at - run.began, color="#c0392b")
                axes.axvspan(blow.at - run.began, blow.over - run.began, color="#c0392b", alpha=0.12, label="" if number else self._say("healthy"))
                axes.text(blow.at - run.began, 1.01, self._say(blow.part), transform=axes.get_xaxis_transform(), color="#c0392b", fontsize=9)
            axes.set_xlabel(self._say("seconds"))
            axes.set_ylabel(self._say("waited"))
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
            axes.set_title(self._say("chaos title"), pad=18)
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
            return self._save(figure, "conversations-chaos.png")

    def _callers(self, run: Run) -> str:
        return self._say("idle" if run.plan.idle else "active").format(active=run.plan.active, all=run.plan.active + run.plan.idle)

    def _say(self, key: str) -> str:
        return WORDS[key][0 if self.chinese else 1]

    def _save(self, figure: Any, name: str) -> str:
        figure.savefig(self._folder / name, dpi=120, bbox_inches="tight")
        return name


def _figure(width: float) -> tuple[Any, Any]:
    figure = Figure(figsize=(width, 4.4))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    return figure, axes
