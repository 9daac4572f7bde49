"""The `hotline` command."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import typer

from cli.agi import agi
from cli.common import console, editor, errors, fail, require_region, settings
from cli.conversations import conversations
from cli.demo import demo
from cli.desk.command import desk
from cli.items import explained, items, store
from cli.lessons import lessons
from cli.reporting import ledger, report
from cli.reviewing import review
from cli.ticketing import ticket, tickets
from cli.working import run as work
from cli.working import webhooks
from core.clock import system_clock

app = typer.Typer(name="hotline", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="12345 热线助手：启动、训练、对话、查询、检查、评测。")
admin = typer.Typer(no_args_is_help=True, help="管理：接口密钥。")
app.add_typer(admin, name="admin")
app.add_typer(items, name="items")
app.command("review")(review)
app.command("report")(report)
app.command("ledger")(ledger)
app.command("tickets")(tickets)
app.add_typer(ticket, name="ticket")
app.command("work")(work)
app.command("agi")(agi)
app.command("desk")(desk)
app.command("demo")(demo)
app.add_typer(webhooks, name="webhooks")
app.add_typer(lessons, name="lessons")
app.add_typer(conversations, name="conversations")


@app.command()
def serve() -> None:
    """启动全部服务（Redis、Rasa、动作服务、网关），按 Ctrl-C 停止。"""
    from cli.supervisor import CannotServe, Supervisor
    from cli.training import TrainingFailed
    from knowledge.dense.onnx import load_encoder
    from knowledge.dense.port import DenseModelFaulty
    from knowledge.errors import KnowledgeFaulty
    try:
        if folder := settings().dense_model:  # tried here, so that the start fails with a sentence and not a child with a trace
            load_encoder(folder)
        code = Supervisor(settings(), console).run()
    except DenseModelFaulty as error:
        raise fail(f"HOTLINE_DENSE_MODEL 指的语义模型用不了：{error}")
    except (CannotServe, TrainingFailed) as error:
        raise fail(str(error))
    except KnowledgeFaulty as error:
        raise fail(f"知识库有误，请先改正：\n{error}")
    raise typer.Exit(code)


@app.command()
def train(force: bool = typer.Option(False, "--force", help="即使模型是最新的也重新训练")) -> None:
    """训练语言模型（已是最新则不训练）。"""
    from cli import training
    try:
        done = training.train(console, force)
    except training.TrainingFailed as error:
        raise fail(f"训练失败：\n{error}")
    console.print("[green]✓[/] 已训练" if done else "[green]✓[/] 模型已是最新，没有重训")


@app.command()
def ask(text: str = typer.Argument(..., help="要问的话"), region: Optional[str] = typer.Option(None, help="六位区划代码")) -> None:
    """问一句：打印走向、匹配、要素和回答。"""
    from cli.asking import NotUnderstood, ask_once
    require_region(region)
    try:
        ask_once(console, settings(), text, region)
    except NotUnderstood as error:
        raise fail(str(error))


@app.command()
def chat(region: Optional[str] = typer.Option(None, help="六位区划代码")) -> None:
    """在终端里对话（先运行 make serve）。"""
    from cli.asking import NotUnderstood, chat_on
    require_region(region)
    try:
        chat_on(console, settings(), region)
    except NotUnderstood as error:
        raise fail(str(error))


@app.command("import")
def import_list(
    file: Path = typer.Argument(..., help="CSV、XLSX、JSON 或 JSON Lines 文件"),
    mapping: Optional[str] = typer.Option(None, "--mapping", help="映射文件，或随产品带的映射名（guangdong、guangan）；国家目录的表头不用写"),
    dry_run: bool = typer.Option(False, "--dry-run", help="只看会改什么，不写库"),
    draft: bool = typer.Option(False, "--draft", help="只存为草稿，发布前来电人听不到"),
    report: Optional[Path] = typer.Option(None, "--report", help="把每一行的结果写进这个 CSV 文件"),
    region: Optional[str] = typer.Option(None, "--region", help="这是哪个地方的表（六位区划代码）：新增的事项只在那里有"),
) -> None:
    """导入事项表：新增、更改、未变、拒收，一行坏了不影响别的行。"""
    from cli.importing import run_import
    require_region(region)
    with explained():
        run_import(console, store(), file, mapping, dry_run, draft, author=editor(), at=system_clock(), report_file=report, region=region)


@app.command("export")
def export_list(
    file: Path = typer.Argument(..., help="写到哪里，后缀决定格式：.csv .xlsx .json .jsonl"),
    code: Optional[list[str]] = typer.Option(None, "--code", help="只导出这个事项，可以写几次"),
    topic: Optional[str] = typer.Option(None, "--topic", help="只导出这个主题"),
) -> None:
    """按国家目录的表头导出现行事项；改好再用 hotline import 导回来。"""
    from cli.importing import run_export
    with explained():
        found = [version.document for version in store().in_force(system_clock().date()) if version.kind == "item"
                 and (not code or version.code in code) and topic in (None, version.document["topic"])]
        if not found:
            raise fail("没有这样的事项。用 hotline items 看代码和主题。")
        run_export(console, found, file)


@app.command()
def check(unknown: bool = typer.Option(False, "--unknown", help="逐项列出不知道的字段")) -> None:
    """互相核对知识、语料、领域、规则、词典、区划，指出每处错误的文件和行。"""
    from cli.check import run_checks
    faults = run_checks(console, unknown)
    if faults:
        raise fail(f"共 {faults} 处问题。")
    console.print("[green]✓[/] 没有问题")


@app.command()
def evaluate() -> None:
    """用评测题考一遍产品，把结果写进 docs/evaluation.md。"""
    from cli.evaluate import evaluate_all
    evaluate_all(console)


@app.command()
def match(
    items: Path = typer.Option(..., "--items", help="事项表：CSV、XLSX、JSON 或 JSON Lines"),
    queries: Path = typer.Option(..., "--queries", help="JSON Lines，每行一个 query"),
    mapping: Optional[str] = typer.Option(None, "--mapping", help="映射文件或随产品带的映射名；不写就取 name 或事项名称，code、task_code 或实施编码"),
    out: Optional[Path] = typer.Option(None, "--out", help="写到这个文件，不写就打印"),
) -> None:
    """拿任意一份事项表测匹配：逐条写出决定、候选和要反问的选项。"""
    from cli.matching import CannotMatch, run_match
    with explained():
        try:
            run_match(errors, items, queries, mapping, out)
        except (CannotMatch, OSError) as error:
            raise fail(str(error))


@app.command("train-matcher")
def train_matcher(
    log: Optional[Path] = typer.Argument(None, help="JSON Lines：每行 query（来电人的话）和 code（正确事项）"),
    dry_run: bool = typer.Option(False, "--dry-run", help="只做交叉验证，不投入使用"),
    own: bool = typer.Option(False, "--own", help="改动匹配特征或叫法以后：重学随产品发布的权重"),
) -> None:
    """用本市的记录教匹配排序，交叉验证更好才投入使用。"""
    from cli.matcher_training import LogFaulty, train_on, train_own
    if own == (log is not None):
        raise fail("请给一个日志文件，或者用 --own。")
    if log is None:
        return train_own(console)
    try:
        train_on(console, settings(), log, dry_run)
    except (LogFaulty, OSError) as error:
        raise fail(str(error))


@app.command("import-tickets")
def import_tickets(file: Path = typer.Argument(..., help="历史工单：CSV、XLSX、JSON"),
                   mapping: Optional[Path] = typer.Option(None, "--mapping", help="映射文件（YAML）；不写就按我们的列名"),
                   source: str = typer.Option("", "--source", help="这份清单叫什么（默认是文件名）：同一份里同一编号只收一次"),
                   dry_run: bool = typer.Option(False, "--dry-run", help="只检查，不写入")) -> None:
    """导入一个城市以前的工单；导入过的不会重复。"""
    from cli import ticket_history
    from knowledge.importers.errors import ExchangeError
    try:
        told = ticket_history.import_tickets(console, settings(), file, mapping, source or file.stem, dry_run)
    except (ExchangeError, ticket_history.MappingFaulty) as error:
        raise fail(str(error))
    raise typer.Exit(1 if told.faults else 0)


@app.command("open-data")
def open_data(target: Optional[Path] = typer.Argument(None, help="写到哪个文件：.csv 或 .geojson"),
              typical: Optional[Path] = typer.Option(None, "--typical", help="营商环境投诉里同意公开的典型问题，写到哪个 .csv，给编辑过目"),
              first: str = typer.Option(..., "--from", help="从哪天受理的（2026-10-01）"),
              last: str = typer.Option(..., "--to", help="到哪天受理的（2026-10-31）")) -> None:
    """导出可以公开的工单数据：没有诉求人的任何信息，地点只到一百米左右。"""
    from datetime import date

    from cli.ticket_history import export_open_data, export_typical
    if target is None and typical is None:
        raise fail("请写明写到哪个文件，或者用 --typical。")
    if target and target.suffix not in (".csv", ".geojson"):
        raise fail("文件名要以 .csv 或 .geojson 结尾。")
    if typical and typical.suffix != ".csv":
        raise fail("典型问题的文件名要以 .csv 结尾。")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise fail("日期请写成 2026-10-01。")
    try:
        if target:
            export_open_data(console, settings(), *span, target)
        if typical:
            export_typical(console, settings(), *span, typical)
    except OSError as error:
        raise fail(f"写不了文件：{error.strerror}")


@admin.command("key")
def admin_key(role: str = typer.Option(..., "--role", help="ivr、operator、department、supervisor、editor 或 admin"),
              label: str = typer.Option("", help="给谁用的，工单的办理记录里写这个名字"),
              department: Optional[str] = typer.Option(None, help="承办单位（role 是 department 时必填）"),
              region: Optional[str] = typer.Option(None, help="承办单位所在的六位区划代码（role 是 department 时必填）")) -> None:
    """发一个接口密钥，只显示这一次。"""
    from api.keys import ROLES
    from cli.keys import create_key
    if role not in ROLES:
        raise fail(f"没有 {role} 这个角色，可选：{'、'.join(ROLES)}")
    if (role == "department") != bool(department and region) or bool(department) != bool(region):
        raise fail("承办单位的密钥要同时写 --department 和 --region，别的角色都不写。")
    if len(label) > 100 or len(department or "") > 60:
        raise fail("--label 最多 100 个字，--department 最多 60 个字。")
    require_region(region)
    console.print(create_key(settings(), role, label, department, region), highlight=False)


@admin.command("renew-keys")
def admin_renew_keys(keep_old: bool = typer.Option(False, "--keep-old", help="先留着旧密钥，下次运行时再删")) -> None:
    """更换加密姓名、电话、证件号、地址的密钥；服务不用停，中断了再运行一次就接着换。"""
    from cli.secret_keys import renew_keys
    from core.cipher import KeysFaulty, RenewalRuns
    from tickets.store.renewal import OldKeyInUse
    try:
        done = renew_keys(console, settings(), keep_old)
    except KeysFaulty as error:
        raise fail(f"密钥文件用不了，旧密钥都还在：{error}")
    except RenewalRuns:
        raise fail("另一个更换密钥的命令正在运行，请等它结束。")
    except OldKeyInUse:
        raise fail("还有进程在用旧密钥写数据，旧密钥没有删。请让所有进程用同一个密钥文件并重启，再运行一次。")
    begun = "换了新密钥" if done.added else "接着完成上次的更换"
    kept = "旧密钥留着，再运行一次就会删除" if keep_old else f"删除旧密钥{done.dropped}个"
    console.print(f"[green]✓[/] {begun}，重新加密{done.written}项，{kept}。", highlight=False)


if __name__ == "__main__":
    app()
