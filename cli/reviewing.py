"""`hotline review`: what callers picked becomes a name, or never comes back; what found nothing is reported."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable, Optional, Sequence

import typer
from rich.markup import escape
from rich.table import Table

from cli.common import console, editor, fail, settings
from cli.items import explained, store
from core.clock import system_clock
from knowledge.bootstrap import ROOT, assemble, names_of, open_memory
from knowledge.catalogue import CatalogueData
from knowledge.editions import catalogue_in_force
from knowledge.errors import UnknownItem
from knowledge.load import load_departments
from knowledge.memory.gaps import Gap, gaps, report
from knowledge.memory.likeness import plain
from knowledge.memory.load import load_vetting
from knowledge.memory.model import KEPT, Learned
from knowledge.memory.suggesting import Suggestion, suggestions
from knowledge.store.memory import SqlMemory


class Desk:
    """What an editor has before him: the memory, cleared of what is too old, and the knowledge in force."""

    def __init__(self) -> None:
        found = store()
        self.now = system_clock()
        self.memory: SqlMemory = open_memory(settings())
        self.memory.expire(self.now - KEPT)
        self.catalogue: CatalogueData = catalogue_in_force(found, self.now.date(), faulty=lambda _: None)
        self.learned = self.memory.learned()
        self.vetting = load_vetting()

    def name_of(self, code: str) -> str | None:
        """Return the official name of what is told, None when it no longer is."""
        try:
            return self.catalogue.record(code).name
        except UnknownItem:
            return None

    def suggestions(self) -> list[Suggestion]:
        """Return what is left to decide."""
        names = {plain(name.text) for name in names_of(self.catalogue, self.learned)}
        picks = [pick for pick in self.vetting.fit(self.memory.picks(), names) if self.name_of(pick.code)]
        return suggestions(picks, [*((name.code, name.text) for name in self.learned), *self.memory.rejected()])

    def gaps(self) -> list[Gap]:
        """Return what found nothing and is fit to be read."""
        misses = [miss for miss in self.memory.misses() if self.vetting.unfit(miss.text) in (None, "masked")]
        if not misses:
            return []
        matcher = assemble(self.catalogue, load_departments(ROOT / "departments.yml", []), learned=self.learned).matcher

        def nearest(text: str) -> str | None:
            return next((candidate.name for candidate in matcher.match(text, limit=1).candidates), None)

        return gaps(misses, nearest)

    def accept(self, chosen: Sequence[Suggestion]) -> None:
        """Make names of them; every serving process reads them within seconds."""
        self.memory.accept([Learned(one.code, one.text, editor(), self.now, one.callers) for one in chosen])

    def reject(self, chosen: Sequence[Suggestion]) -> None:
        """Never show them again."""
        self.memory.reject([(one.code, one.text) for one in chosen], author=editor(), at=self.now)


def review(
    ids: Optional[list[str]] = typer.Argument(None, metavar="[编号]...", help="接在 --accept 或 --reject 后面的其余编号"),
    accept: Optional[list[str]] = typer.Option(None, "--accept", metavar="编号", help="采纳为事项的说法，可写几个编号"),
    reject: Optional[list[str]] = typer.Option(None, "--reject", metavar="编号", help="不采纳，以后不再提"),
    all_from: Optional[int] = typer.Option(None, "--all-from", min=1, metavar="人数", help="至少这么多来电人说过、又没有争议的，全部采纳"),
    show_gaps: bool = typer.Option(False, "--gaps", help="看没答上来的问题"),
    out: Optional[Path] = typer.Option(None, "--out", help="和 --gaps 一起用：写进这个 Markdown 文件"),
    ask: bool = typer.Option(False, "--ask", help="一条一条问：y 采纳，n 不采纳，s 跳过，q 结束"),
    forget: tuple[str, str] = typer.Option((None, None), "--forget", metavar="代码 说法", help="收回一个学到的说法"),
    as_json: bool = typer.Option(False, "--json", help="给程序看的 JSON"),
) -> None:
    """看来电人的话该归哪个事项，采纳或不采纳；看没答上来的问题。"""
    given = [bool(accept), bool(reject), all_from is not None, show_gaps, ask, forget[0] is not None]
    if sum(given) > 1:
        raise fail("--accept、--reject、--all-from、--gaps、--ask、--forget 一次只能用一个。")
    if ids and not (accept or reject):
        raise fail("编号前面要写 --accept 或 --reject。")
    if out and not show_gaps:
        raise fail("--out 要和 --gaps 一起用。")
    if ask and as_json:
        raise fail("--ask 和 --json 不能一起用。")
    with explained():
        desk = Desk()
        if forget[0] is not None:
            _forget(desk, *forget, as_json)
        elif show_gaps:
            _gaps(desk, out, as_json)
        elif ask:
            _ask(desk)
        elif accept or reject or all_from is not None:
            found = desk.suggestions()
            chosen = _numbered(found, [*(accept or reject or ()), *(ids or ())]) if all_from is None else [
                one for one in found if one.callers >= all_from and not one.rivals]
            _decide(desk, chosen, desk.reject if reject else desk.accept, "rejected" if reject else "accepted", as_json)
        else:
            _list(desk, as_json)


def _numbered(found: Sequence[Suggestion], words: Sequence[str]) -> list[Suggestion]:
    by_id = {one.id: one for one in found}
    ids = list(dict.fromkeys(id for word in words for id in re.split(r"[\s,，、]+", word) if id))
    unknown = [id for id in ids if id not in by_id]
    if unknown:
        raise fail(f"没有编号为 {'、'.join(unknown)} 的建议，什么也没有改。用 hotline review 看现有的编号。")
    return [by_id[id] for id in ids]


def _decide(desk: Desk, chosen: Sequence[Suggestion], act: Callable[[Sequence[Suggestion]], None], word: str, as_json: bool) -> None:
    act(chosen)
    if as_json:
        _machine({word: [_plain(desk, one) for one in chosen]})
        return
    if not chosen:
        console.print("没有这样的建议，什么也没有改。")
    for one in chosen:
        console.print(f"[green]✓[/] “{escape(one.text)}” → {escape(desk.name_of(one.code) or one.code)}" if word == "accepted" else
                      f"[green]✓[/] 不采纳“{escape(one.text)}”，以后不再提", highlight=False)
    if chosen and word == "accepted":
        console.print("五秒内生效。要收回：hotline review --forget 代码 说法", highlight=False)


def _list(desk: Desk, as_json: bool) -> None:
    found = desk.suggestions()
    if as_json:
        _machine({"suggestions": [_plain(desk, one) for one in found]})
        return
    if not found:
        console.print("没有要看的建议：还没有来电人在追问之后选过什么，或者都看过了。")
        return
    table = Table("编号", "来电人说", "归到", "人数", "占比", "别的说法", "争议")
    for one in found:
        table.add_row(*map(escape, (
            one.id, one.text, f"{desk.name_of(one.code)}（{one.code}）", str(one.callers), f"{one.share:.0%}", _others(one), _rivals(desk, one))))
    console.print(table)
    console.print("采纳：hotline review --accept 编号；不采纳：--reject 编号；一条一条看：--ask", highlight=False)


def _ask(desk: Desk) -> None:
    found = desk.suggestions()
    if not found:
        console.print("没有要看的建议。")
    for position, one in enumerate(found, 1):
        rivals = _rivals(desk, one)
        told = f"“{one.text}” → {desk.name_of(one.code) or one.code}，{one.callers}人"
        told += (f"；也有人说：{_others(one)}" if _others(one) else "") + (f"；争议：{rivals}" if rivals else "")
        console.print(f"\n[bold]{position}/{len(found)}[/] {escape(told)}", highlight=False)
        decision = ""
        while decision not in ("y", "n", "s", "q"):
            decision = str(typer.prompt("采纳吗？y 采纳，n 不采纳，s 跳过，q 结束", default="s", show_default=False)).strip().lower()
        if decision == "q":
            return
        if decision in ("y", "n"):
            (desk.accept if decision == "y" else desk.reject)([one])


def _gaps(desk: Desk, out: Path | None, as_json: bool) -> None:
    found = desk.gaps()
    if out:
        try:
            out.write_text(report(found, desk.now.date(), KEPT.days), encoding="utf-8")
        except OSError as error:
            raise fail(f"写不了 {out}：{error.strerror}")
    if as_json:
        _machine({"gaps": [asdict(gap) for gap in found]})
    elif out:
        console.print(f"[green]✓[/] {len(found)}类没答上来的问题已写进 {escape(str(out))}", highlight=False)
    elif not found:
        console.print(f"最近{KEPT.days}天没有答不上来的问题。")
    else:
        table = Table("人数", "问法", "别的说法", "最接近的记录")
        for gap in found:
            others = "；".join(text for text, _ in gap.examples if text != gap.text)
            table.add_row(*map(escape, (str(gap.callers), gap.text, others, gap.nearest or "没有")))
        console.print(table)


def _forget(desk: Desk, code: str, text: str, as_json: bool) -> None:
    if not desk.memory.forget(code, text):
        raise fail(f"{code} 没有学到过“{text}”这个说法。用 hotline items show {code} 看它学到的说法。")
    if as_json:
        _machine({"forgotten": {"code": code, "text": text}})
    else:
        console.print(f"[green]✓[/] 已收回“{escape(text)}”，五秒内生效；还有人这样选的话，会再次列出来，不要了就 --reject", highlight=False)


def _others(one: Suggestion) -> str:
    return "；".join(f"{text}（{count}人）" for text, count in one.examples if text != one.text)


def _rivals(desk: Desk, one: Suggestion) -> str:
    return "；".join(f"{desk.name_of(code) or code} {count}人" for code, count in one.rivals)


def _plain(desk: Desk, one: Suggestion) -> dict[str, Any]:
    return {"id": one.id, "code": one.code, "name": desk.name_of(one.code), "text": one.text, "callers": one.callers,
            "share": round(one.share, 4), "examples": [list(entry) for entry in one.examples], "rivals": [list(entry) for entry in one.rivals]}


def _machine(found: Any) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
