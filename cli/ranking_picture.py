"""The ranking as a bar chart."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tickets.reports.ranking import Place

SHOWN = 40  # bars; more cannot be read
_FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei", "SimHei", "PingFang SC", "Noto Sans CJK JP")
_PLAIN = (400, "normal", "regular")
_BAR, _FIRST = "#6f93b8", "#1f4e79"


class NoChineseFont(Exception):
    """No font of this machine can write the names of offices."""


def draw_ranking(path: Path, title: str, places: Sequence[Place]) -> int:
    """Draw the first places as bars, best on top, as a PNG file and return how many; raises NoChineseFont."""
    known = {font.name: font.fname for font in font_manager.fontManager.ttflist if font.weight in _PLAIN and font.style == "normal"}
    file = next((known[name] for name in _FONTS if name in known), None)
    if file is None:
        raise NoChineseFont
    font = font_manager.FontProperties(fname=file, size=10)
    drawn = list(places[:SHOWN])
    figure = Figure(figsize=(9, 1.4 + 0.34 * max(len(drawn), 3)), dpi=140)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.barh(range(len(drawn)), [one.score / 100 for one in drawn], color=[_FIRST if one.place == 1 else _BAR for one in drawn], height=0.66)
    for row, one in enumerate(drawn):
        axes.text(one.score / 100 + 0.8, row, f"{one.score / 100:.2f}", va="center", fontproperties=font)
    axes.set_yticks(range(len(drawn)))
    axes.set_yticklabels([f"{' '.join(filter(None, one.line.key))}  {one.place}" for one in drawn], fontproperties=font)
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.set_xlim(0, 108)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("综合得分", fontproperties=font)
    left_out = f"（前{SHOWN}名，共{len(places)}个）" if len(places) > SHOWN else ""
    axes.set_title(f"{title}{left_out}", fontproperties=font_manager.FontProperties(fname=file, size=13))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    figure.savefig(path, bbox_inches="tight", format="png")
    return len(drawn)
