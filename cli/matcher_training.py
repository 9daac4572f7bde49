"""`hotline train-matcher`: teaches the ranking, from the product's own names or from a city's log, and keeps it only when it is better."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterable, Mapping, Sequence, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.evaluation.questions import read_questions
from cli.paths import EVALUATION
from core.settings import Settings
from knowledge.bootstrap import TRAINED, Knowledge, Matching, build, load_matching
from knowledge.load_words import WEIGHTS, load_beyond, load_lexicon, models_document
from knowledge.matching.decision import SIGNS, Calibration
from knowledge.matching.matcher import KnowledgeMatcher, Model, Models
from knowledge.matching.names import Name
from knowledge.matching.ranking import COLUMNS
from knowledge.matching.recalibration import gap
from knowledge.matching.spoiling import spoilt
from knowledge.matching.training import Example, example, fit_model, fit_ranking, found_first

T = TypeVar("T")
Hits = NDArray[np.bool_]
FOLDS = 5
SAMPLE = 700          # names of each fold that are asked for
QUESTION, MISHEARD = 3.0, 1.5  # how much a real question, as written and spoilt, counts against a name
SEED = 12345
SPARSE_RIDGE = 10.0
FOREIGN = 0.3         # so that about one call in seventeen is about something that is not in the list
CONFIDENCE = 2.0      # standard errors by which a taught ranking must be ahead
# A list of official names has one name a record: how often it is spoken so tells nothing there.
SPARSE_LEFT_OUT = frozenset({"often_chars", "often_pairs", "said", "names_found", "meaning"})
RICH_LEFT_OUT = frozenset({"meaning"})
FEWEST = 50           # lines of a log from which something can be learned


@dataclass(frozen=True)
class Line:
    """One line of a city's log: what was said and which record was right."""

    text: str
    code: str


class LogFaulty(ValueError):
    """A log that teaches nothing; says why."""


def read_log(path: Path, known: Mapping[str, object]) -> list[Line]:
    """Read a log of JSON Lines with `query` and `code`; raises LogFaulty with line and fault."""
    found = []
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise LogFaulty(f"{path.name} 不是 UTF-8 文字：{error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            text, code = entry["query"], entry["code"]
        except (ValueError, KeyError, TypeError) as error:
            raise LogFaulty(f"{path.name} 第 {number} 行不是带 query 和 code 的 JSON：{error}") from None
        if not isinstance(text, str) or not isinstance(code, str) or code not in known:
            raise LogFaulty(f"{path.name} 第 {number} 行：知识库里没有代码 {code}")
        found.append(Line(text, code))
    if len(found) < FEWEST:
        raise LogFaulty(f"只有 {len(found)} 行，至少要 {FEWEST} 行才学得到东西")
    return found


def train_own(console: Console) -> None:
    """Learn the shipped weights from the product's own names and the tuning half of the questions; writes knowledge/matching/weights.json."""
    matching = untaught()
    lessons = Lessons(build(matching=matching), matching, console)
    models = Models(lessons.sparse(), lessons.rich())
    official = lessons.official()
    usual = gap(KnowledgeMatcher(official, {}, matching.lexicon, models), official)
    WEIGHTS.write_text(json.dumps(models_document(models, usual), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    console.print(f"[green]✓[/] 已写入 {WEIGHTS.name}", highlight=False)


def train_on(console: Console, settings: Settings, log: Path, dry_run: bool) -> None:
    """Teach the ranking from a city's log; it is put into service only when it finds more in cross-validation. Raises LogFaulty."""
    matching = load_matching(settings)
    knowledge = build(matching=matching)
    lines = read_log(log, knowledge.said)
    lessons = Lessons(knowledge, matching, console)
    random.Random(SEED).shuffle(lines)  # no secret hangs on it
    examples = lessons.of_lines(lines)
    usual = lessons.rich_examples()
    before, after = judged(usual, examples, matching.models.rich, lessons)
    share = f"现在第一位正确 {before.mean():.1%}，学过以后 {after.mean():.1%}"
    console.print(f"{len(lines)} 行，{FOLDS} 折交叉验证：{share}", highlight=False)
    if not better(before, after):
        console.print("没有明显更好，仍用原来的权重。")
        return
    if dry_run:
        console.print("更好。去掉 --dry-run 就投入使用。")
        return
    asked = [*(one for one in usual if one.weight > 1), *examples]
    try:
        model = fit_model([*usual, *examples], asked, left_out=lessons.left_out, beyond=lessons.beyond)
    except ValueError as error:
        raise LogFaulty(f"从这些行学不出把握来：{error}") from None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    target = settings.data_dir / TRAINED
    document = models_document(Models(matching.models.sparse, model), matching.usual_gap)
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(target)
    console.print(f"[green]✓[/] 更好，已写入 {target.name}，重启服务后生效", highlight=False)


def judged(usual: Sequence[Example], examples: Sequence[Example], now: Model, lessons: Lessons) -> tuple[Hits, Hits]:
    """Return which examples are found first now, and by rankings that did not learn from them. Raises LogFaulty when nothing can be learned."""
    after = np.zeros(len(examples), dtype=bool)
    for fold in range(FOLDS):
        taught = [one for i, one in enumerate(examples) if i % FOLDS != fold]
        try:
            rank = fit_ranking([*usual, *taught], left_out=lessons.left_out)
        except ValueError as error:
            raise LogFaulty(f"从这些行学不到东西：{error}") from None
        after[fold::FOLDS] = [found_first(one, rank) for one in examples[fold::FOLDS]]
    return np.array([found_first(one, now.rank) for one in examples]), after


def better(before: Hits, after: Hits) -> bool:
    """Return whether more is found than chance would have it (sign test over the lines that changed)."""
    won, lost = int((after & ~before).sum()), int((before & ~after).sum())
    return won - lost > CONFIDENCE * np.sqrt(won + lost)


def untaught() -> Matching:
    """Return words and what lies beyond us with weights that mean nothing, for what is there may be missing or of another version."""
    blank = Model(np.ones(len(COLUMNS), np.float32), Calibration(np.ones(len(SIGNS), np.float32), np.ones(len(SIGNS), np.float32)))
    return Matching(load_lexicon(), Models(blank, blank), load_beyond(), 0.0)


class Lessons:
    """What can be learned from the product's own knowledge."""

    def __init__(self, knowledge: Knowledge, matching: Matching, console: Console) -> None:
        self._knowledge = knowledge
        self._matching = matching
        self._console = console
        self.beyond = frozenset(name.code for name in matching.beyond)
        self.left_out = frozenset() if matching.encoder else RICH_LEFT_OUT
        self._draw = random.Random(SEED)  # no secret hangs on it

    def official(self) -> list[Name]:
        """Return the official names alone, as an imported list has them."""
        return [replace(group[0], text=group[0].text.removesuffix("一件事")) for group in self._knowledge.said.values()
                if group[0].kind != "policy"]

    def sparse(self) -> Model:
        """Learn to find official names by everyday ones: as they are, misheard, and where the right one is not in the list."""
        official = self.official()
        matcher = KnowledgeMatcher(official, {}, self._matching.lexicon, self._matching.models)
        everyday = [name for group in self._knowledge.said.values() if group[0].kind != "policy" for name in group[1:]]
        self._draw.shuffle(everyday)
        clean = [example(matcher, name.text, {name.code}) for name in self._tracked(everyday[:5 * SAMPLE], "正式名称")]
        misheard = [example(matcher, spoilt(name.text, self._draw), {name.code}) for name in self._tracked(everyday[:3 * SAMPLE], "听错的名称")]
        named = [example(matcher, spoilt(name.text, self._draw), {name.code}) for name in official]
        foreign = [example(matcher, name.text, set(), FOREIGN) for name in self._draw.sample(self._matching.beyond, SAMPLE)]
        return fit_model([*clean, *misheard, *named], [*clean, *foreign], ridge=SPARSE_RIDGE, left_out=SPARSE_LEFT_OUT)

    def rich(self) -> Model:
        """Learn to find records by other names of theirs, and by real questions."""
        examples = self.rich_examples()
        return fit_model(examples, [one for one in examples if one.weight > 1], left_out=self.left_out, beyond=self.beyond)

    def rich_examples(self) -> list[Example]:
        """Return names asked of an index without them, fold by fold, and the questions of the tuning half, as written and misheard."""
        names = [*(name for group in self._knowledge.said.values() for name in group), *self._matching.beyond]
        everyday = [name for name in names if name.text != name.official]
        self._draw.shuffle(everyday)
        found: list[Example] = []
        for fold in range(FOLDS):
            asked = everyday[fold::FOLDS]
            left = set(map(id, asked))
            matcher = self._matcher([name for name in names if id(name) not in left])
            found += [example(matcher, name.text, {name.code}) for name in self._tracked(asked[:SAMPLE], f"叫法 {fold + 1}/{FOLDS}")]
        matcher = self._matcher(names)
        questions = [question for question in read_questions(EVALUATION / "questions.jsonl") if question.half == "tuning"
                     and question.route != "ticket"]
        for question in self._tracked(questions, "评测题（调参半）"):
            right = set(question.codes) or (set(self._knowledge.catalogue.policy_by_code) if question.route == "policy" else set())
            found.append(example(matcher, question.text, right, QUESTION))
            found.append(example(matcher, spoilt(question.text, self._draw), right, MISHEARD))
        return found

    def of_lines(self, lines: Sequence[Line]) -> list[Example]:
        """Return the lines of a log as examples."""
        matcher = self._knowledge.matcher
        return [example(matcher, line.text, {line.code}, QUESTION) for line in self._tracked(lines, "日志")]

    def _matcher(self, names: Sequence[Name]) -> KnowledgeMatcher:
        matching = self._matching
        return KnowledgeMatcher(names, self._knowledge.texts, matching.lexicon, matching.models, encoder=matching.encoder)

    def _tracked(self, many: Sequence[T], what: str) -> Iterable[T]:
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=self._console,
                      transient=True) as progress:
            yield from progress.track(many, description=what)
