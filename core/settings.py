"""One typed, frozen settings object per process, from the environment and `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Optional

from dotenv import dotenv_values
from pydantic import BaseModel, Extra, Field, SecretStr, ValidationError, validator

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
    health_port: Optional[int] = Field(None, ge=1, le=65535, description="port of loopback of this one gateway process; set by `hotline serve`")
    region: str = Field("370100", regex=r"^37\d{4}$", description="the city or county this hotline serves")
    database_url: str = ""
    redis_url: str = ""
    gateways: int = Field(1, ge=1, le=32, description="gateway processes that share the one port")
    rasa_workers: int = Field(1, ge=1, le=32, description="Rasa processes that share the conversations")
    rasa_spare: int = Field(1, ge=0, le=1, description="Rasa processes that wait, loaded, to take a dead one's place; each needs its memory")
    rasa_url: str = Field("http://127.0.0.1:5005", regex=r"^\s*https?://[^\s,]+(\s*,\s*https?://[^\s,]+)*\s*$",
                          description="one address, or those of several processes with commas; everywhere the same ones in the same order")
    actions_url: str = "http://127.0.0.1:5055"
    rasa_timeout: float = Field(3.0, gt=0, le=10, description="seconds before the gateway answers by itself")
    transfer_to: str = Field("operator", description="where the exchange connects a caller who wants a person")
    ivr_confidence: float = Field(0.5, ge=0, le=1, description="below it what a recogniser heard is said back; see docs/phone.md")
    vxml_grammar: str = Field("builtin:speech/transcribe", description="the voice browser's grammar for free speech")
    vxml_transfer: str = Field("tel:{number}", description="the URI by which a voice browser transfers")
    agi_host: str = "127.0.0.1"
    agi_port: Optional[int] = Field(None, ge=1, le=65535, description="where the FastAGI server listens; none: `hotline serve` starts none")
    agi_calls: int = Field(200, ge=1, description="calls at once")
    agi_vouches: bool = Field(False, description="whether the exchange has proved the numbers that it tells; see docs/phone.md")
    agi_key: SecretStr = Field(SecretStr(""), description="key of role ivr; made and kept in the data folder when missing")
    agi_gateway: str = Field("", regex=r"^(https?://\S+)?$", description="where the FastAGI server asks; empty: the gateway on this machine")
    agi_say: str = Field("MRCPSynth({prompt},l=zh-CN&i=any)", regex=r"^\w+\(.*\)$", description="application that speaks")
    agi_ask: str = Field('SynthAndRecog({prompt},"builtin:speech/transcribe",b=1&i=any&t=10000&spl=zh-CN)', regex=r"^(\w+\(.*\))?$",
                         description="application that speaks and listens; empty: keys only")
    agi_dial: str = Field("Local/{number}@hotline-transfer,30,g", description="what Dial is given")
    operator_key: SecretStr = Field(SecretStr(""), description="key of role operator for `hotline desk`; see docs/desk.md")
    handoff_patience_minutes: float = Field(5.0, gt=0, le=1440, description="how long a caller waits for a person before a call back is offered")
    operator_silence_seconds: float = Field(120.0, gt=0, le=86400, description="how long a person may be silent before the caller waits again")
    session_hours: int = Field(24, ge=1, le=720)
    conversation_days: int = Field(365, ge=1, description="days after which a conversation that is over is forgotten")
    rasa_clients: bool = Field(True, description="whether web chat clients made for Rasa may connect; see docs/rasa-clients.md")
    widget_origins: str = Field("", regex=r"^(https?://[^/\s,]+(,\s*https?://[^/\s,]+)*)?$",
                                description="other sites whose pages may hold the chat, as https://a.gov.cn,https://b.gov.cn")
    scanner: str = Field("", regex=r"^(tcp://(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):\d{1,5}|unix:///\S+)?$",
                         description="the clamd that looks at photos, as tcp://127.0.0.1:3310; empty: none; see docs/photos.md")
    scanner_timeout: float = Field(20.0, gt=0, le=120, description="seconds for the scan of one photo")
    tz: str = "Asia/Shanghai"
    knowledge: Literal["files", "store"] = Field("files", description="what a process answers from; `hotline serve` sets store")
    dense_model: Optional[Path] = Field(None, description="folder of a model that also compares by meaning; see docs/dense.md")
    keys_file: Optional[Path] = Field(None, description="keys of personal columns; made in the data folder when missing")
    public_url: str = Field("", regex=r"^(https?://[^\s?#]{1,100})?$", description="where callers reach this hotline's pages; empty: no links")
    notices: Literal["file", "smtp", "sms"] = Field("file", description="how messages reach callers; see docs/notices.md")
    notice_timeout: float = Field(10.0, gt=0, le=60, description="seconds for each step of talking to a gateway")
    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = Field("", regex=r"^([^@\s<>]+@[^@\s<>]+)?$")
    smtp_to: str = Field("", regex=r"^([^@\s<>]+@[^@\s<>]+)?$", description="address of the gateway; {phone} stands for the caller's")
    smtp_subject: str = Field("12345热线通知", max_length=100, description="may hold {phone} too")
    sms_url: str = Field("", regex=r"^(https?://\S+)?$")
    sms_key: SecretStr = SecretStr("")
    sms_key_header: str = Field("Authorization", regex=r"^[A-Za-z0-9-]+$")
    sms_body: str = Field('{"phone": "{phone}", "text": "{text}", "id": "{id}"}', description="JSON that the gateway wants")
    sms_success: str = Field("", regex=r"^(\w+=.+)?$", description="what the answer's JSON must say, as in code=0; empty: the status is enough")
    events_kept: int = Field(1_000_000, ge=1, description="about how many events the Redis stream holds")
    outbox_days: int = Field(30, ge=1, description="days after which what everybody was told is forgotten")
    retry_first: float = Field(5.0, gt=0, description="seconds before a webhook or a notice is tried again; then three times as long each")
    retry_longest: float = Field(21600.0, gt=0, description="seconds of the longest pause")
    retry_times: int = Field(20, ge=1, description="tries before the dead-letter list; with these pauses about three days")
    webhook_timeout: float = Field(5.0, gt=0, le=30, description="seconds for one post")
    webhook_networks: str = Field("", description="private networks that webhooks may lead to, as 10.0.0.0/8,192.168.1.0/24")
    transfer_webhook: str = Field("", regex=r"^(https?://\S+)?$", description="where neighbours are told of transfers; see docs/operators.md")
    transfer_secret: SecretStr = Field(SecretStr(""), description="signs these posts: whsec_ and base64 of 24 to 64 bytes")
    wechat_token: SecretStr = Field(SecretStr(""), description="token of an official account's server settings; empty: no WeChat; see docs/wechat.md")
    wechat_app_id: str = Field("", regex=r"^(wx\w{4,30})?$", description="AppID of the official account")
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="AppSecret, for what is sent after the five seconds")
    wechat_aes_key: SecretStr = Field(SecretStr(""), description="EncodingAESKey where the account uses 安全模式; then plain messages are refused")
    wechat_api: str = Field("https://api.weixin.qq.com", regex=r"^https?://[^\s?#]+$", description="the platform's API, or a proxy before it")
    worker_pause: float = Field(1.0, gt=0, le=60, description="seconds between looks while nothing waits")
    worker_lease: float = Field(120.0, gt=0, description="seconds after which what a dead worker had in hand is taken up again")
    log_level: str = Field("INFO", regex=r"^(DEBUG|INFO|WARNING|ERROR)$")

    class Config:
        allow_mutation = False
        extra = Extra.forbid

    @validator("webhook_networks")
    def _networks_readable(cls, value: str) -> str:
        for network in filter(None, value.split(",")):
            ip_network(network.strip())
        return value

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of `widget_origins`, each as a browser writes it."""
        return tuple(origin.strip().lower() for origin in self.widget_origins.split(",") if origin.strip())

    @property
    def personal_keys(self) -> Path:
        """The file of keys that encrypt personal columns; lost keys are lost data, so back it up apart from the database."""
        return self.keys_file or self.data_dir / "keys" / "personal.keys"

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
