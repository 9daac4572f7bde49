"""Three pictures: first hits by matcher and set, time against size, and what our probabilities are worth."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Mapping, Sequence

from benchmarks.matchers import scores
from benchmarks.matchers.registry import PEERS
from benchmarks.matchers.sets import ITEMS, MIXED, PLAIN, QUESTIONS, SAMPLE
from benchmarks.matchers.trial import Trial
from cli.evaluation.measures import percentile

FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
         "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Arial Unicode MS")
COLOURS = ("#c0392b", "#e59866", "#85929e", "#34495e", "#2e86c1", "#117a65", "#7d3c98", "#bb8fce", "#b7950b")
MARKS = "osv^DPX*h"
# Chinese, and what stands there without a Chinese font.
WORDS = {
    "hits": ("首位命中率", "hit@1"), "hits title": ("各方法首位命中率", "hit@1 by matcher and set"),
    "size": ("名称数", "names"), "time": ("每问处理器时间中位数（毫秒）", "processor time a text, median (ms)"),
    "time title": ("查询耗时与规模", "time against size"), "predicted": ("预测概率（首位得分）", "predicted (score of the first)"),
    "observed": ("实际正确率", "observed"), "reliability title": ("本产品的概率有多可信（数字为条数）", "reliability of ours (counts)"),
    "noise": ("加噪", "noised"), "questions": ("B：291问", "B: 291"), "sample": ("A：360项", "A: 360"), "items": ("A：2193项", "A: 2193"),
    "composed": ("合成：{wan:g}万项", "composed: {size:,}"), "ours": ("本产品", "ours"),
    "ours, with conditions": ("本产品（含条件文本）", "ours, with conditions"),
    "TF-IDF cosine": ("TF-IDF 余弦", "TF-IDF cosine"), "tantivy, words": ("tantivy 分词", "tantivy, words"),
    "tantivy, runs": ("tantivy 字串", "tantivy, runs"),
}
Found = Mapping[int, Mapping[str, Trial]]  # by size, by matcher



def _apart(sizes: Sequence[int]) -> list[int]:
    """Leave out the sizes whose labels would run into the one before on a logarithmic axis that spans them all."""
    span = math.log(sizes[-1] / sizes[0])
    kept = [sizes[0]]
    for size in sizes[1:]:
        if math.log(size / kept[-1]) > span / 8:
            kept.append(size)
    return kept


class Pictures:
    """Draws into a folder; with `chinese` false the labels are English for want of a font."""

    def __init__(self, folder: Path) -> None:
        """Look for a Chinese font on this machine."""
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import font_manager, pyplot
        known = {font.name for font in font_manager.fontManager.ttflist}
        self._font = next((font for font in FONTS if font in known), None)
        self.chinese = self._font is not None
        self._folder, self._pyplot = folder, pyplot
        if self._font:
            matplotlib.rcParams["font.sans-serif"] = [self._font]
        matplotlib.rcParams["axes.unicode_minus"] = False

    def draw(self, found: Found, names: Sequence[str]) -> list[str]:
        """Draw all three and return the files' names; `names` are the matchers in the order of the tables."""
        self._colours = {peer.name: look for peer, look in zip(PEERS, zip(COLOURS, MARKS))}
        return [self._hits(found, names), self._latency(found, names), self._reliability(found)]

    def _say(self, key: str) -> str:
        return WORDS[key][0 if self.chinese else 1] if key in WORDS else key

    def _title(self, size: int) -> str:
        named = {QUESTIONS: "questions", SAMPLE: "sample", ITEMS: "items"}
        return self._say(named[size]) if size in named else self._say("composed").format(size=size, wan=size / 10_000)

    def _save(self, figure: Any, name: str) -> str:
        figure.savefig(self._folder / name, dpi=120, bbox_inches="tight")
        self._pyplot.close(figure)
        return name

    def _hits(self, found: Found, names: Sequence[str]) -> str:
        groups = [(f"{self._title(size)}\n{self._say('noise')}" if kind == MIXED else self._title(size), size, kind)
                  for size in found for kind in (PLAIN, MIXED)]
        figure, axes = self._pyplot.subplots(figsize=(max(8.0, 1.6 * len(groups)), 4.8))
        width = 0.86 / len(names)
        for row, name in enumerate(names):
            bars = [(at, scores.hit(found[size][name].outcomes[kind], 1)) for at, (_, size, kind) in enumerate(groups) if name in found[size]]
            axes.bar([at - 0.43 + width * (row + 0.5) for at, _ in bars], [100 * share.hits / share.of for _, share in bars], width,
                     color=self._colours[name][0], label=self._say(name))
        axes.set_xticks(range(len(groups)), [label for label, _, _ in groups])
        axes.set_ylabel(f"{self._say('hits')} (%)")
        axes.set_ylim(0, 100)
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
        axes.set_title(self._say("hits title"))
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)
        return self._save(figure, "matching-hits.png")

    def _latency(self, found: Found, names: Sequence[str]) -> str:
        figure, axes = self._pyplot.subplots(figsize=(8, 5))
        for name in names:
            points = [(size, 1000 * percentile(found[size][name].seconds, 0.5)) for size in sorted(found) if name in found[size]]
            colour, mark = self._colours[name]
            axes.plot([x for x, _ in points], [y for _, y in points], marker=mark, color=colour, label=self._say(name),
                      linewidth=2.4 if name == "ours" else 1.2)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(self._say("size"))
        axes.set_ylabel(self._say("time"))
        axes.set_title(self._say("time title"))
        axes.grid(which="major", alpha=0.3)
        axes.set_xticks(_apart(sorted(found)))
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axes.xaxis.set_minor_locator(self._pyplot.NullLocator())
        axes.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
        axes.yaxis.set_minor_formatter(self._pyplot.NullFormatter())
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)
        return self._save(figure, "matching-latency.png")

    def _reliability(self, found: Found) -> str:
        figure, grid = self._pyplot.subplots(2, len(found), figsize=(3.1 * len(found), 6.4), squeeze=False, sharex=True, sharey=True)
        for column, (size, trials) in enumerate(found.items()):
            for row, kind in enumerate((PLAIN, MIXED)):
                axes, points = grid[row][column], scores.reliability(trials["ours"].outcomes[kind])
                axes.plot([0, 1], [0, 1], color="#aaaaaa", linestyle="--", linewidth=1)
                axes.plot([x for x, _, _ in points], [y for _, y, _ in points], marker="o", color=COLOURS[0])
                for x, y, count in points:
                    axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(0, 7 if y < 0.9 else -15), ha="center", fontsize=8,
                                  bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8})
                axes.set_xlim(0, 1.03)
                axes.set_ylim(-0.03, 1.05)
                axes.grid(alpha=0.3)
                axes.set_title(self._title(size) + (f"，{self._say('noise')}" if row and self.chinese else f", {self._say('noise')}" if row else ""),
                               fontsize=10)
            grid[1][column].set_xlabel(self._say("predicted"), fontsize=9)
        for row in grid:
            row[0].set_ylabel(self._say("observed"), fontsize=9)
        figure.suptitle(self._say("reliability title"))
        figure.tight_layout()
        return self._save(figure, "matching-reliability.png")
