"""One typed, frozen settings object per process, from the environment and `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Optional

from dotenv import dotenv_values
from pydantic import BaseModel, Extra, Field, ValidationError

ROOT = Path(__file__).resolve().parent.parent
_PREFIX = "HOTLINE_"
_UNPREFIXED = {"DATABASE_URL": "database_url", "REDIS_URL": "redis_url"}


class SettingsError(Exception):
    """A key is unknown or ill-typed; the message names the key and never its value."""


class Settings(BaseModel):
    """Every setting with its default. Environment names: HOTLINE_<FIELD IN CAPITALS>, and DATABASE_URL, REDIS_URL."""

    data_dir: Path = ROOT / "data"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    region: str = Field("370100", regex=r"^37\d{4}$", description="the city or county this hotline serves")
    database_url: str = ""
    redis_url: str = ""
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    rasa_timeout: float = Field(3.0, gt=0, le=10, description="seconds before the gateway answers by itself")
    transfer_to: str = Field("operator", description="where the exchange connects a caller who wants a person")
    session_hours: int = Field(24, ge=1, le=720)
    tz: str = "Asia/Shanghai"
    knowledge: Literal["files", "store"] = Field("files", description="what a process answers from; `hotline serve` sets store")
    dense_model: Optional[Path] = Field(None, description="folder of a model that also compares by meaning; see docs/dense.md")
    log_level: str = Field("INFO", regex=r"^(DEBUG|INFO|WARNING|ERROR)$")

    class Config:
        allow_mutation = False
        extra = Extra.forbid

    @property
    def database(self) -> str:
        """SQLAlchemy URL; SQLite in the data folder unless DATABASE_URL says otherwise."""
        return self.database_url or f"sqlite:///{self.data_dir / 'hotline.db'}"


def load_settings(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """Read settings; the environment wins over `.env`.

    Raises SettingsError naming each unknown or ill-typed key.
    """
    environ = os.environ if environ is None else environ
    env_file = ROOT / ".env" if env_file is None else env_file
    file_values = {key: value or "" for key, value in dotenv_values(env_file).items()} if env_file.exists() else {}
    stray = sorted(key for key in file_values if not key.startswith(_PREFIX) and key not in _UNPREFIXED)
    merged = {**file_values, **{k: v for k, v in environ.items() if k.startswith(_PREFIX) or k in _UNPREFIXED}}
    fields = {_UNPREFIXED.get(key, key[len(_PREFIX):].lower()): (key, value) for key, value in merged.items() if key not in stray}
    stray += sorted(key for name, (key, _) in fields.items() if name not in Settings.__fields__)
    if stray:
        raise SettingsError(f"unknown setting: {', '.join(stray)}")
    try:
        return Settings.parse_obj({name: value for name, (_, value) in fields.items() if value != ""})
    except ValidationError as error:
        bad = sorted({fields[str(fault["loc"][0])][0] for fault in error.errors()})
        raise SettingsError(f"ill-typed setting: {', '.join(bad)}") from None
