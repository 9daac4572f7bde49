"""What every command shares: the consoles, the settings, and how a command ends with an error."""

from __future__ import annotations

import getpass
import os

import typer
from rich.console import Console
from rich.markup import escape

from core.settings import Settings, SettingsError, load_settings

console = Console()
errors = Console(stderr=True)


def settings() -> Settings:
    """Return the settings, or end the command with the key's name."""
    try:
        return load_settings()
    except SettingsError as error:
        raise fail(f"设置有误：{error}")


def fail(message: str) -> typer.Exit:
    """Print a clear error and return the exit to raise."""
    errors.print(f"[red]错误[/] {escape(message)}", highlight=False)
    return typer.Exit(1)


def require_region(code: str | None) -> None:
    """End the command when it names a region that does not exist: it would be answered as if it had none of its own."""
    from core.bootstrap import load_regions
    if code is not None and load_regions().get(code) is None:
        raise fail(f"没有代码为 {code} 的区划，例如济南市是 370100。")


def editor() -> str:
    """Return who is at the keyboard, for the history of what he changes; a container may run under a number without a name."""
    try:
        return getpass.getuser()[:100]
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
