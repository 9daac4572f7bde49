"""`hotline match`: matches queries to any list of items, so that others can measure the matcher on their own data."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Iterator, Mapping, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from knowledge.bootstrap import load_matching
from knowledge.importers.mapping import FieldMapping, load_mapping
from knowledge.importers.tables import open_table
from knowledge.matching.matcher import KnowledgeMatcher
from knowledge.matching.names import Name
from knowledge.matching.recalibration import recalibrated
from knowledge.model import Match

NAME_HEADINGS = ("name", "事项名称")
CODE_HEADINGS = ("code", "task_code", "实施编码")
MAPPED_CODES = ("实施编码", "业务办理项编码")
MAPPED_TEXTS = ("受理条件", "材料")
PROSE = 30        # characters from which a field is what an item says of itself, not a label
CANDIDATES = 10


class CannotMatch(Exception):
    """A list or a file of queries that cannot be used; the message says why and where."""


def run_match(errors: Console, items: Path, queries: Path, mapping: str | None, out: Path | None) -> None:
    """Match each line of `queries` and write one JSON object a line, in their order; raises CannotMatch and ExchangeError."""
    asked = list(_queries(queries))
    names, texts = _items(items, load_mapping(mapping) if mapping else None)
    matching = load_matching()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("建索引", total=len(names))
        matcher = KnowledgeMatcher(names, texts, matching.lexicon, matching.models, progress=lambda read: progress.advance(task, read))
        matcher = recalibrated(matcher, names, matching.usual_gap)
        target = out.open("w", encoding="utf-8") if out else sys.stdout
        try:
            for query in progress.track(asked, description="匹配"):
                _write(target, query, matcher.match(query, CANDIDATES))
        finally:
            if out:
                target.close()


def _write(target: TextIO, query: str, match: Match) -> None:
    candidates = [{"code": found.code, "name": found.name, "score": found.score} for found in match.candidates]
    line = {"query": query, "decision": match.decision, "candidates": candidates, "choices": list(match.choices)}
    target.write(json.dumps(line, ensure_ascii=False) + "\n")


def _queries(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            query = json.loads(line)["query"]
        except (ValueError, KeyError, TypeError):
            raise CannotMatch(f"{path.name} 第 {number} 行不是带 query 的 JSON。") from None
        if not isinstance(query, str):
            raise CannotMatch(f"{path.name} 第 {number} 行的 query 不是文字。")
        yield query


def _items(path: Path, mapping: FieldMapping | None) -> tuple[list[Name], dict[str, str]]:
    names: list[Name] = []
    texts: dict[str, str] = {}
    with open_table(path) as table:
        for row in table.rows:
            cells = mapping.apply(row.cells) if mapping else row.cells
            name, code = _first(cells, NAME_HEADINGS), _first(cells, MAPPED_CODES if mapping else CODE_HEADINGS)
            if not name:
                continue
            code = code or str(row.number)
            names.append(Name(code, name, "item", name))
            says = (str(cells.get(field) or "") for field in MAPPED_TEXTS) if mapping else _prose(cells)
            texts[code] = " ".join(filter(None, says))
    if not names:
        raise CannotMatch(f"{path.name} 里没有事项：要有 {' 或 '.join(NAME_HEADINGS)} 一列，或者用 --mapping 说明列名。")
    return names, {code: text for code, text in texts.items() if text}


def _first(cells: Mapping[str, Any], headings: tuple[str, ...]) -> str | None:
    return next((str(cells[heading]).strip() for heading in headings if cells.get(heading) not in (None, "")), None)


def _prose(cells: Mapping[str, Any]) -> Iterator[str]:
    for heading, value in cells.items():
        if heading not in NAME_HEADINGS and isinstance(value, str) and sum("\u3400" <= char <= "\u9fff" for char in value) >= PROSE:
            yield value
