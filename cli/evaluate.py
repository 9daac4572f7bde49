"""`hotline evaluate`: examines the product with the sets that judge and writes docs/evaluation.md. It measures, it never fails."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from cli import training
from cli.checks.rules import read_rules
from cli.checks.training import read_examples
from cli.evaluation import alarms, intents, reliability, routing
from cli.evaluation.effort import needed
from cli.evaluation.listener import Listener, load_listener
from cli.evaluation.measures import MEASURES, by_note, group_row
from cli.evaluation.plot import draw_reliability
from cli.evaluation.questions import read_questions
from cli.evaluation.quiet import hushed
from cli.evaluation.report import PICTURE, Results, markdown
from cli.evaluation.verdict import judge, ways_of
from cli.paths import EVALUATION, FINGERPRINT, MODEL, RULES
from core.bootstrap import load_regions
from core.regions import RegionTree
from core.settings import ROOT
from knowledge.bootstrap import Knowledge, build
from knowledge.catalogue import CatalogueData
from safety.bootstrap import build_detector

REPORT = ROOT / "docs" / "evaluation.md"
CALLS = ROOT / "safety" / "data"
ROUTING = EVALUATION / "routing.jsonl"
PACKAGES = ("rasa", "scikit-learn", "jieba", "rapidfuzz", "pypinyin")


@dataclass(frozen=True)
class Known:
    """What the dialogue makes its questions back from."""

    knowledge: Knowledge
    regions: RegionTree


def evaluate_all(console: Console) -> None:
    """Measure everything with one loaded model, print the summary, write the report."""
    if not MODEL.exists():
        training.train(console)
    detect = build_detector().detect
    with hushed(), console.status("正在载入语言模型"):
        regions = load_regions()
        listener = load_listener(MODEL, detect, regions.find)
    with hushed():
        results = measure(console, listener, Known(build(), regions), *alarms.measure(alarms.read_calls(CALLS), detect))
    REPORT.write_text(markdown(results), encoding="utf-8")
    with hushed():
        draw_reliability(reliability.bins(reliability.judged(v for v in results.verdicts if v.question.half == "judging")), REPORT.parent / PICTURE)
    console.print(_summary(results), _noise(results))
    console.print(f"[green]✓[/] 已写入 {REPORT.relative_to(ROOT)}", highlight=False)


def measure(console: Console, listener: Listener, known: Known, rows: list[alarms.AlarmRow], mistakes: list[alarms.Mistake]) -> Results:
    """Let the listener hear every question and every held-out sentence."""
    questions, noisy = read_questions(EVALUATION / "questions.jsonl"), read_questions(EVALUATION / "noisy.jsonl")
    sentences = read_examples([EVALUATION / "intents.yml"])
    ways = ways_of(read_rules(sorted(RULES.glob("*.yml"))))
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console) as progress:
        verdicts = [judge(question, listener.hear(question.text), ways) for question in progress.track(questions, description="评测题")]
        misheard = [judge(question, listener.hear(question.text), ways) for question in progress.track(noisy, description="加噪题")]
        guesses = []
        for sentence in progress.track(sentences, description="意图句"):
            heard = listener.hear(sentence.text)
            guesses.append(intents.Guess(sentence.text, sentence.intent, heard.classifier, heard.intent, heard.confidence))
    catalogue = known.knowledge.catalogue
    asked = {verdict.question.line: needed(verdict, known) for verdict in verdicts if verdict.question.route == "item"}
    topics = {record.code: record.topic for record in (*catalogue.items(), *catalogue.events())}
    return Results(_about(catalogue), verdicts, guesses, rows, mistakes, topics, misheard, asked, routing.measure(ROUTING))


def _about(catalogue: CatalogueData) -> dict[str, str]:
    fingerprint = FINGERPRINT.read_text().strip() if FINGERPRINT.exists() else "unknown"
    return {"model": fingerprint[:16] + ("" if training.is_current() else " (older than its data)"),
            "knowledge": f"{len(catalogue.by_code)} items, {len(catalogue.event_by_code)} life events, "
                         f"{len(catalogue.policy_by_code)} policy answers",
            "python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def _summary(results: Results) -> Table:
    table = Table("指标", "全部", "调参半", "评判半", title=f"{len(results.verdicts)} 个问题")
    halves = (results.verdicts, *([v for v in results.verdicts if v.question.half == half] for half in ("tuning", "judging")))
    for row in MEASURES:
        table.add_row(row.chinese, *(str(row.of(half)) for half in halves))
    efforts = [results.effort(half) for half in halves]
    table.add_row("到正确事项平均反问几次", *(each.mean for each in efforts))
    table.add_row("到不了正确事项", *(str(each.unreachable) for each in efforts))
    errors = (reliability.error(reliability.bins(reliability.judged(half))) for half in halves)
    table.add_row("概率与实际相差", *(f"{error:.3f}" for error in errors))
    alone, decided = intents.accuracy(results.guesses)
    table.add_section()
    table.add_row("意图正确（分类器）", str(alone), "", "")
    table.add_row("意图正确（裁决后）", str(decided), "", "")
    routed = [routing.figures(half) for half in routing.halves(results.routed)]
    table.add_row("派对单位", *(str(half[0]) for half in routed))
    table.add_row("落到热线中心兜底", *(str(half[3]) for half in routed))
    for half in alarms.halves(results.alarm_rows):
        name = "规则所据" if half == "written" else "只作评判"
        table.add_row(f"紧急漏报：{name}", str(alarms.missed(results.alarm_rows, half)), "", "")
        table.add_row(f"紧急误报：{name}", str(alarms.raised(results.alarm_rows, half)), "", "")
    return table


def _noise(results: Results) -> Table:
    table = Table("加噪", "第一名正确", "前三名有对的", "直接答对", "直接答错", title=f"{len(results.noisy)} 个加噪问题")
    for kind, group in {**by_note(results.noisy), "合计": results.noisy}.items():
        table.add_row(kind, *map(str, group_row(group)[:4]))
    return table
