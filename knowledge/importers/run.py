"""The import itself: every row is read, compared and kept aside; then all changes go into the store at once, or none."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence

from knowledge.document import Document, digest, read_item, write_item
from knowledge.errors import KnowledgeFaulty
from knowledge.importers.cells import Cell, flatten
from knowledge.importers.errors import FileRefused, RowRefused
from knowledge.importers.fields import CODE, CODES, is_field
from knowledge.importers.mapping import FieldMapping
from knowledge.importers.national import Told, merge, read_row, write_row
from knowledge.importers.placing import held_in, own_code
from knowledge.importers.report import Difference, Outcome, Report
from knowledge.importers.spool import Spool
from knowledge.importers.tables import Row, Table, open_table
from knowledge.ports import Store
from knowledge.record import Change, Head, State, Version

BATCH = 500  # rows whose newest versions are asked for together
Listen = Callable[[Outcome], None]
Progress = Callable[[int, int], None]  # how far, of how much


def import_items(store: Store, path: Path, mapping: FieldMapping | None = None, *, author: str, at: datetime, draft: bool = False,
                 dry_run: bool = False, region: str | None = None,
                 listen: Listen = lambda outcome: None, progress: Progress = lambda at, total: None) -> Report:
    """Import the items of a table file and return what became of its rows; `listen` hears each, `progress` how far it is.

    A row that cannot be taken is refused and told, the others go in; `dry_run` changes nothing. New items are in force at once unless `draft`.
    `region` is the code of the region whose list it is: what is new holds there alone, and what holds elsewhere stays as it is there.
    Raises FileRefused, and ConcurrentChange when somebody wrote one of the items meanwhile: then nothing was changed.
    """
    report = Report()
    with open_table(path) as table, Spool() as spool:
        _check_header(table, mapping, report)
        importing = _Import(store, mapping, at.date().isoformat(), "draft" if draft else "published", region)
        for outcome, change in importing.results(table, progress):
            if change and not dry_run:
                spool.add(change)
            report.note(outcome)
            listen(outcome)
        if spool.count:
            store.put(spool.drawn(), author=author, at=at, note=f"导入 {path.name}"[:200])
    return report


class _Import:
    """The state of one run: what the store has, and which codes the file has named so far."""

    def __init__(self, store: Store, mapping: FieldMapping | None, today: str, state: State, region: str | None = None) -> None:
        self._store = store
        self._mapping = mapping
        self._today = today
        self._state = state
        self._region = region
        self._heads: Mapping[str, Head] = store.heads()
        self._rows: dict[str, int] = {}

    def results(self, table: Table, progress: Progress) -> Iterator[tuple[Outcome, Change | None]]:
        first = True
        while batch := list(islice(table.rows, BATCH)):
            progress(max(row.at for row in batch), table.total)
            if first and table.header is None:
                self._check_fields(batch[0])
            first = False
            told = [self._tell(row) for row in batch]
            newest = self._newest(told)
            if self._region:
                told = [own_code(one, newest, self._region) if isinstance(one, Told) else one for one in told]
                newest = {**newest, **self._newest([one for one in told if isinstance(one, Told) and one.code not in newest])}
            for row, one in zip(batch, told):
                yield (one, None) if isinstance(one, Outcome) else self._compare(row, one, newest.get(one.code))
        progress(table.total, table.total)

    def _newest(self, told: Sequence[Told | Outcome]) -> Mapping[str, Version]:
        known = [one.code for one in told if isinstance(one, Told) and one.code in self._heads]
        return self._store.newest(known) if known else {}

    def _tell(self, row: Row) -> Told | Outcome:
        cells: Mapping[str, Cell] = row.cells
        try:
            if row.fault:
                raise RowRefused(row.fault)
            if self._mapping:
                cells = self._mapping.apply(cells)
            told = read_row(cells)
            first = self._rows.setdefault(told.code, row.number)
            if first != row.number:
                raise RowRefused(f"编码和第 {first} 行相同")
            if told.code in self._heads and self._heads[told.code].kind != "item":
                kind = "一件事" if self._heads[told.code].kind == "life_event" else "政策问答"
                raise RowRefused(f"这个标识在库里是{kind}，不是事项")
            return told
        except RowRefused as refused:
            return _refused(row, cells, str(refused))

    def _compare(self, row: Row, told: Told, newest: Version | None) -> tuple[Outcome, Change | None]:
        before: Mapping[str, Any] = newest.document if newest else {}
        try:
            merged = merge(told, dict(before) or None, self._today)
            if self._region:
                merged = held_in(merged, told, before, self._region)
            # What the store holds has this form already.
            document = merged if newest and merged == before else write_item(*read_item(merged))
        except RowRefused as refused:
            return _refused(row, {"事项名称": told.name, CODE: told.code}, str(refused)), None
        except KnowledgeFaulty as faulty:
            reason = "；".join(fault.message for fault in faulty.faults)
            return _refused(row, {"事项名称": told.name, CODE: told.code}, f"内容不合格式：{reason}"), None
        reason = "；".join(told.notes)
        if newest and (document is merged or digest(document) == newest.digest) and newest.state in ("published", self._state):
            return Outcome(row.number, told.code, document["name"], "unchanged", reason), None
        change = Change("item", told.code, document, self._state, newest.number if newest else 0)
        if not newest:
            return Outcome(row.number, told.code, document["name"], "added", reason), change
        return Outcome(row.number, told.code, document["name"], "changed", reason, _differences(newest, document, self._state)), change

    def _check_fields(self, row: Row) -> None:
        sources = self._mapping.sources if self._mapping else ()
        if self._mapping and sources and not row.fault and self._mapping.missing(row.cells) == sources:
            raise FileRefused("文件里没有映射要找的任何一个来源字段，请检查映射是不是给这个文件写的。")
        if not self._mapping and not row.fault and not any(is_field(key) for key in row.cells):
            raise FileRefused(_NO_HEADER)


_NO_HEADER = "没有一个字段是国家目录的字段名。请把字段名改成“事项名称”“事项类型”“实施主体”等，或者用 --mapping 给一个映射。"
STATES = {"draft": "草稿", "published": "发布", "withdrawn": "撤下"}


def _check_header(table: Table, mapping: FieldMapping | None, report: Report) -> None:
    if table.header is None:
        return
    header = tuple(name for name in table.header if name)
    if mapping:
        missing = mapping.missing(header)
        if missing:
            raise FileRefused(f"文件里没有映射要找的来源字段：{'、'.join(missing)}。")
        report.passed_over = mapping.unused(header)
        return
    if not any(map(is_field, header)):
        raise FileRefused(_NO_HEADER)
    if not any(name in header for name in (CODE, *CODES)):
        raise FileRefused(f"没有编码这一列：{'、'.join((CODE, *CODES))}里至少要有一个。")
    report.passed_over = tuple(name for name in header if not is_field(name))


def _refused(row: Row, cells: Mapping[str, Cell], reason: str) -> Outcome:
    code = next((cells[header] for header in (CODE, *CODES) if cells.get(header)), "")
    return Outcome(row.number, flatten(code)[:120], flatten(cells.get("事项名称", ""))[:120], "refused", reason)


def _differences(newest: Version, document: Document, state: State) -> tuple[Difference, ...]:
    """Return what changes, by header; the state comes first when it does."""
    before, after = write_row(newest.document), write_row(document)
    found = [Difference(header, flatten(before.get(header, "")), flatten(after.get(header, "")))
             for header in dict.fromkeys((*before, *after)) if before.get(header, "") != after.get(header, "")]
    moved = [Difference("状态", STATES[newest.state], STATES[state])] if newest.state != state else []
    return (*moved, *found)
