"""The `hotline` command."""

from __future__ import annotations

from typing import Optional

import typer

from cli.common import console, fail, require_region, settings
from cli.items import items

app = typer.Typer(name="hotline", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="12345 热线助手：启动、训练、对话、查询、检查、评测。")
admin = typer.Typer(no_args_is_help=True, help="管理：接口密钥。")
app.add_typer(admin, name="admin")
app.add_typer(items, name="items")


@app.command()
def serve() -> None:
    """启动全部服务（Redis、Rasa、动作服务、网关），按 Ctrl-C 停止。"""
    from cli.supervisor import CannotServe, Supervisor
    from cli.training import TrainingFailed
    from knowledge.errors import KnowledgeFaulty
    try:
        code = Supervisor(settings(), console).run()
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


@app.command()
def tickets(limit: int = typer.Option(20, min=1, max=500, help="最多列几张"),
            department: Optional[str] = typer.Option(None, help="只看一个部门")) -> None:
    """列出最近的工单（电话、姓名已隐去）。"""
    from cli.listing import show_tickets
    show_tickets(console, settings(), limit, department)


@app.command()
def check() -> None:
    """互相核对知识、语料、领域、规则、词典、区划，指出每处错误的文件和行。"""
    from cli.check import run_checks
    faults = run_checks(console)
    if faults:
        raise fail(f"共 {faults} 处问题。")
    console.print("[green]✓[/] 没有问题")


@app.command()
def evaluate() -> None:
    """用评测题考一遍产品，把结果写进 docs/evaluation.md。"""
    from cli.evaluate import evaluate_all
    evaluate_all(console)


@admin.command("key")
def admin_key(role: str = typer.Option(..., "--role", help="ivr、operator、department、supervisor、editor 或 admin"),
              label: str = typer.Option("", help="给谁用的")) -> None:
    """发一个接口密钥，只显示这一次。"""
    from api.keys import ROLES
    from cli.keys import create_key
    if role not in ROLES:
        raise fail(f"没有 {role} 这个角色，可选：{'、'.join(ROLES)}")
    console.print(create_key(settings(), role, label), highlight=False)


if __name__ == "__main__":
    app()
