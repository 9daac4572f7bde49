"""The pictures of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from cli.evaluation.reliability import Bin

FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
         "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Arial Unicode MS")
WORDS = {True: ("首位候选的概率有多可信（评判半，数字为条数）", "算出的概率", "实际正确率", "完全可信"),
         False: ("What the first candidate's chance is worth (judging half, with counts)", "chance", "right", "as it should be")}


def chinese_font(known: Sequence[str]) -> str | None:
    """Return the first of FONTS among the fonts that a machine has, None without one."""
    return next((font for font in FONTS if font in known), None)


def draw_reliability(found: Sequence[Bin], path: Path) -> None:
    """Write the picture; its labels are English on a machine without a Chinese font."""
    from matplotlib import font_manager, rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    font = chinese_font([font.name for font in font_manager.fontManager.ttflist])
    title, chance, right, straight = WORDS[font is not None]
    with rc_context({"font.sans-serif": [font] if font else ["DejaVu Sans"], "font.family": "sans-serif"}):
        figure = Figure(figsize=(6.4, 5.4))
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color="#aaaaaa", linestyle="--", linewidth=1, label=straight)
        axes.plot([each.chance for each in found], [each.right.hits / each.right.of for each in found], marker="o", color="#c0392b")
        for each in found:
            share = each.right.hits / each.right.of
            axes.annotate(str(each.right.of), (each.chance, share), textcoords="offset points", xytext=(0, 8 if share < 0.9 else -16),
                          ha="center", fontsize=9)
        axes.set_xlim(0, 1.03)
        axes.set_ylim(-0.03, 1.05)
        axes.grid(alpha=0.3)
        axes.set_title(title)
        axes.set_xlabel(chance)
        axes.set_ylabel(right)
        axes.legend(loc="upper left", frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=120, bbox_inches="tight", metadata={"Software": None})
