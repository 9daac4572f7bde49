"""`hotline check`: knowledge, training data, domain, rules, configuration, dictionary, regions and questions against each other."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Callable, Iterable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli import dictionary
from cli.checks import evaluation, knowledge, leaves, pipeline, regions, rules, training, usage, wording, words
from cli.checks.dictionary import dictionary_faults
from cli.checks.domain import Domain, duplicate_faults, read_domain
from cli.checks.source import Unreadable, shown
from cli.evaluation.questions import BadQuestion, read_questions
from cli.evaluation.quiet import hushed
from cli.evaluation.routing import read_requests
from cli.paths import CONFIG, DOMAIN, EVALUATION, JIEBA, RULES, nlu_files
from core.bootstrap import load_regions
from core.settings import ROOT
from knowledge.bootstrap import load_catalogue, names_of
from knowledge.errors import Fault
from tickets.load import CatalogueError, load_policy
from tickets.load import load_catalogue as load_leaves

KNOWLEDGE = ROOT / "knowledge"
LEAVES = ROOT / "tickets" / "catalogue"
SPEAKING = ("actions", "api", "bot", "knowledge")  # whose code names responses
QUESTIONS = EVALUATION / "questions.jsonl"
NOISY = EVALUATION / "noisy.jsonl"
ROUTING = EVALUATION / "routing.jsonl"
SENTENCES = EVALUATION / "intents.yml"


def run_checks(console: Console, unknown: bool = False) -> int:
    """Print every fault under its heading, then how far each topic is filled, with `unknown` item by item; return the number of faults."""
    checks: tuple[tuple[str, Callable[[], Iterable[Fault]]], ...] = (
        ("知识库", _knowledge), ("匹配用词", _words), ("训练语料", _training), ("领域与规则", _domain), ("配置", _config), ("分词词典", _dictionary),
        ("区划", lambda: regions.region_faults(load_regions())), ("评测题", _evaluation),
        ("权责清单", lambda: leaves.catalogue_faults(LEAVES)), ("派单评测题", _routing))
    total = 0
    for heading, check in checks:
        faults = gather(check)
        total += len(faults)
        console.print(f"[green]✓[/] {heading}" if not faults else f"[red]✗[/] {heading}：{len(faults)} 处")
        for fault in faults:
            console.print("  " + escape(str(fault)), highlight=False, soft_wrap=True)
    console.print(_filling_table())
    gaps = [(item, missing) for item in load_catalogue()[0].items() if (missing := knowledge.unknown_fields(item))]
    if unknown:
        table = Table("事项", "名称", "主题", "不知道的", title="如实说不知道的字段")
        for item, missing in gaps:
            table.add_row(item.code, item.name, item.topic, "、".join(missing))
        console.print(table)
    elif gaps:
        console.print(f"{len(gaps)} 个事项还有不知道的字段，来电人问到会如实说不知道；用 hotline check --unknown 逐项列出。", highlight=False)
    return total


def gather(check: Callable[[], Iterable[Fault]]) -> list[Fault]:
    """Return what a check yields, in the order of files and lines; a file that cannot be read is a fault like any other."""
    faults: list[Fault] = []
    try:
        faults.extend(check())
    except Unreadable as unreadable:
        faults.append(unreadable.fault)
    return sorted(dict.fromkeys(faults), key=lambda fault: (fault.file, fault.line))


def _yaml(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.yml"))


def _knowledge() -> Iterator[Fault]:
    yield from knowledge.knowledge_faults(KNOWLEDGE)
    yield from knowledge.punctuation_faults(chain(_yaml(KNOWLEDGE), _yaml(DOMAIN)))
    yield from knowledge.address_faults(chain(_yaml(KNOWLEDGE / "items"), _yaml(KNOWLEDGE / "policies")))


def _words() -> Iterator[Fault]:
    taken = {name.text: name.code for name in names_of(load_catalogue()[0])}
    yield from words.word_faults(KNOWLEDGE / "words")
    yield from words.beyond_faults(_yaml(KNOWLEDGE / "beyond"), taken)


def _training() -> Iterator[Fault]:
    return training.training_faults(training.read_examples(nlu_files()), _read_domain().intents)


def _domain() -> Iterator[Fault]:
    domain, read = _read_domain(), rules.read_rules(_yaml(RULES))
    code = usage.mentions(path for folder in SPEAKING for path in sorted((ROOT / folder).rglob("*.py")))
    yield from duplicate_faults(domain)
    yield from rules.rule_faults(domain, read)
    yield from usage.usage_faults(domain.responses, code, read, usage.built_names(domain))
    yield from wording.wording_faults(domain.responses)


def _config() -> Iterator[Fault]:
    with hushed():
        yield from pipeline.config_faults(pipeline.read_config(CONFIG), pipeline.rasa_defaults)


def _dictionary() -> Iterator[Fault]:
    return dictionary_faults(JIEBA, dictionary.render())


def _evaluation() -> Iterator[Fault]:
    catalogue, _, _ = load_catalogue()
    examples = training.read_examples(nlu_files())
    yield from evaluation.sentence_faults(training.read_examples([SENTENCES]), examples, {intent.name for intent in _read_domain().intents})
    codes = {*catalogue.by_code, *catalogue.policy_by_code, *catalogue.event_by_code}
    taught = [evaluation.Taught(example.text, f"{example.file}:{example.line}") for example in examples]
    taught += [evaluation.Taught(name.text, f"a name of {name.code}") for name in names_of(catalogue)]
    for path in (QUESTIONS, NOISY):
        try:
            questions = read_questions(path)
        except BadQuestion as bad:
            yield Fault(shown(path), bad.line, bad.message)
            continue
        yield from evaluation.question_faults(questions, codes, {region.code for region in load_regions()}, shown(path))
        yield from evaluation.near_faults(questions, taught, shown(path))


def _routing() -> Iterator[Fault]:
    try:
        requests = read_requests(ROUTING)
    except BadQuestion as bad:
        yield Fault(shown(ROUTING), bad.line, bad.message)
        return
    try:
        categories = load_leaves()
    except CatalogueError:  # told with the catalogue
        return
    yield from evaluation.routing_faults(requests, categories, load_policy().backstop.name, shown(ROUTING))


def _read_domain() -> Domain:
    return read_domain(_yaml(DOMAIN))


def _filling_table() -> Table:
    rows = knowledge.fillings(load_catalogue()[0])
    columns = ("items", "materials", "limit", "otherwise", "fee", "basis", "whole")
    table = Table("主题", "事项", "材料", "时限", "不定天数", "收费", "依据", "四项齐全", title="各主题已填的字段")
    for row in rows:
        table.add_row(row.topic, *(str(getattr(row, name)) for name in columns))
    total = {name: sum(getattr(row, name) for row in rows) for name in columns}
    table.add_row("合计", *map(str, total.values()), style="bold", end_section=True)
    table.add_row("占比", *(f"{100 * count / max(1, total['items']):.0f} %" for count in total.values()))
    return table
