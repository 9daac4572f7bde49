"""`hotline serve`: set everything up, start all parts, wait until they answer, keep them alive, stop them together."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable

import httpx
import redis
from filelock import FileLock, Timeout
from rich.console import Console
from rich.markup import escape

from cli import private_redis
from cli.children import Child
from cli.paths import CREDENTIALS, ENDPOINTS, MODEL, run_file
from cli.standby import Standby
from cli.training import train
from cli.watching import ANSWER_S, Watch
from core.clock import system_clock
from core.settings import Settings
from knowledge.bootstrap import open_store, synchronise_files
from knowledge.editions import catalogue_in_force

READY_PATIENCE = 180.0  # seconds; a cold machine reads the model from disk
TICK = 0.2


class CannotServe(Exception):
    """Why the product cannot start; the message says what to do."""


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_port(host: str, port: int) -> None:
    """Raise CannotServe when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise CannotServe(f"端口 {port} 已被别的程序占用。请停掉它，或换一个：HOTLINE_PORT={port + 1} make serve") from None


def answers(url: str, patience: float = 2.0) -> Callable[[], bool]:
    """Return a probe that asks a URL, each time over a new connection, and takes any 2xx within `patience` seconds for ready."""
    client = httpx.Client(timeout=patience, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def probe() -> bool:
        try:
            return client.get(url).is_success
        except httpx.HTTPError:
            return False
    return probe


def _numbered(name: str, count: int) -> list[str]:
    """Return a name for each of several processes: rasa, rasa-2, rasa-3."""
    return [name, *(f"{name}-{number}" for number in range(2, count + 1))]


class Supervisor:
    """All parts of one running product on one data folder."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._lock = FileLock(str(settings.data_dir / "serve.lock"))
        self._children: list[Child] = []
        self._watches: list[Watch] = []
        self._standby: Standby | None = None
        self._stopping = False
        self._told: dict[str, Any] = {}

    def run(self) -> int:
        """Serve until Ctrl-C (returns 0) or until a part dies for good (returns 1). Raises CannotServe before anything is changed."""
        data = self._settings.data_dir
        data.mkdir(parents=True, exist_ok=True)
        os.chmod(data, 0o700)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise CannotServe(f"这个数据目录上已经有一个在运行：{self._running_address()}。什么也没有改动。") from None
        try:
            require_port(self._settings.host, self._settings.port)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._ask_to_stop)
            return self._serve()
        finally:
            if self._standby:
                self._standby.stop()
            for child in reversed(self._children):
                child.stop()
            run_file(self._settings).unlink(missing_ok=True)
            self._lock.release()

    def _ask_to_stop(self, *_: Any) -> None:
        self._stopping = True

    def _running_address(self) -> str:
        try:
            return str(json.loads(run_file(self._settings).read_text())["gateway"])
        except (OSError, ValueError, KeyError):
            return "地址还未知（正在启动）"

    def _serve(self) -> int:
        say = self._console.print
        if train(self._console):
            say("[green]✓[/] 语言模型已训练")
        store = open_store(self._settings)
        synchronise_files(store)
        catalogue = catalogue_in_force(store, system_clock().date(), faulty=lambda error: say(f"[red]✗[/] 记录读不了，先不用：{escape(str(error))}"))
        say("[green]✓[/] 数据库已就绪")
        say(f"[green]✓[/] 知识库：{len(catalogue.by_code)} 个事项，{len(catalogue.event_by_code)} 件一件事，"
            f"{len(catalogue.policy_by_code)} 条政策答问")
        self._start_all()
        if not self._wait_until_ready():
            return 0 if self._stopping else 1
        self._announce()
        return self._watch()

    def _start_all(self) -> None:
        redis_url = self._settings.redis_url or self._start_redis()
        target = redis.connection.parse_url(redis_url)
        actions = free_port()
        rasas = [f"http://127.0.0.1:{free_port()}" for _ in range(self._settings.rasa_workers)]
        host = "127.0.0.1" if self._settings.host in ("0.0.0.0", "::") else self._settings.host
        environment = {
            "HOTLINE_DATA_DIR": str(self._settings.data_dir), "HOTLINE_HOST": self._settings.host, "HOTLINE_PORT": str(self._settings.port),
            "REDIS_URL": redis_url, "DATABASE_URL": self._settings.database,
            "HOTLINE_RASA_URL": ",".join(rasas), "HOTLINE_ACTIONS_URL": f"http://127.0.0.1:{actions}",
            "RASA_ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook", "RASA_TELEMETRY_ENABLED": "false", "SANIC_WORKERS": "1",
            "RASA_REDIS_HOST": str(target.get("host", "127.0.0.1")), "RASA_REDIS_PORT": str(target.get("port", 6379)),
            "RASA_REDIS_PASSWORD": str(target.get("password") or ""), "RASA_SESSION_SECONDS": str(self._settings.session_hours * 3600),
            "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore", "HOTLINE_KNOWLEDGE": "store", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        }
        python = sys.executable
        self._add("actions", [python, "-m", "actions"], environment, f"http://127.0.0.1:{actions}", "/health")
        rasa = [python, "-m", "bot", "--model", str(MODEL), "--endpoints", str(ENDPOINTS), "--credentials", str(CREDENTIALS)]
        if self._settings.rasa_spare:
            self._standby = Standby("rasa-spare", [*rasa, "--spare"], environment, self._log("rasa-spare"))
        for name, url in zip(_numbered("rasa", len(rasas)), rasas, strict=True):
            port = url.rpartition(":")[2]
            child = self._add(name, [*rasa, "--port", port], environment, url, "/status", "/")
            if self._standby:
                child.relief = partial(self._standby.take, int(port), child.log)
        gateway = f"http://{host}:{self._settings.port}"
        for name in _numbered("gateway", self._settings.gateways):
            own = free_port()  # on the shared port another gateway may answer in its place
            self._add(name, [python, "-m", "api"], {**environment, "HOTLINE_HEALTH_PORT": str(own)}, f"http://127.0.0.1:{own}",
                      "/health/ready", "/health/live")
        self._start_worker([python, "-m", "cli.main", "work"], environment)
        if self._settings.agi_port:
            self._start_worker([python, "-m", "cli.main", "agi"], environment, "agi")
        self._told = {"gateway": gateway, "rasa": rasas if len(rasas) > 1 else rasas[0], "pid": os.getpid()}
        self._tell()

    def _tell(self) -> None:
        """Write down what runs where, whenever that has changed; other commands and tests read it."""
        children = {child.name: child.process.pid for child in self._children if child.process}
        spare = self._standby.pid if self._standby else None
        if self._told and (children, spare) != (self._told.get("children"), self._told.get("spare")):
            self._told.update(children=children, spare=spare)
            beside = run_file(self._settings).with_suffix(".new")
            beside.write_text(json.dumps(self._told))
            beside.replace(run_file(self._settings))

    def _start_redis(self) -> str:
        try:
            child, url = private_redis.start(self._settings.data_dir, free_port())
        except private_redis.RedisSilent as silent:
            raise CannotServe(f"内置 Redis 没有启动起来：\n{silent}") from None
        self._children.append(child)
        return url

    def _add(self, name: str, command: list[str], environment: dict[str, str], url: str, ready: str, lives: str | None = None) -> Child:
        """Start a part; `ready` and `lives` are the paths that tell whether it can be used, and whether it hangs."""
        child = Child(name, command, environment, self._log(name), answers(url + ready))
        child.start()
        self._children.append(child)
        self._watches.append(Watch(child, answers(url + (lives or ready), ANSWER_S)))
        return child

    def _start_worker(self, command: list[str], environment: dict[str, str], name: str = "worker") -> None:
        """Start what the other parts do not wait for: it is ready as soon as it runs."""
        child = Child(name, command, environment, self._log(name), lambda: child.alive())
        child.start()
        self._children.append(child)

    def _log(self, name: str) -> Path:
        return self._settings.data_dir / "logs" / f"{name}.log"

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + READY_PATIENCE
        waiting = list(self._children)
        with self._console.status("正在启动：") as status:
            while waiting and not self._stopping:
                status.update("正在启动：" + "、".join(child.name for child in waiting))
                if not self._tend() or time.monotonic() > deadline:
                    self._report(waiting[0])
                    return False
                waiting = [child for child in waiting if not child.ready()]
                time.sleep(TICK)
        return not self._stopping

    def _tend(self) -> bool:
        dead = next((child for child in self._children if not child.tend(time.monotonic())), None)
        self._tell()
        if dead:
            self._report(dead)
        return dead is None

    def _report(self, child: Child) -> None:
        self._console.print(f"[red]✗ {child.name} 起不来，全部停止。[/] 日志：{child.log}\n", escape(child.last_words()), highlight=False)

    def _announce(self) -> None:
        address = json.loads(run_file(self._settings).read_text())["gateway"]
        self._console.print(f"\n[bold green]12345 热线助手已就绪[/]\n  网页对话  [bold]{address}/[/]\n  接口说明  {address}/openapi.json\n"
                            f"  数据目录  {self._settings.data_dir}\n  按 Ctrl-C 停止\n", highlight=False)

    def _watch(self) -> int:
        for watch in self._watches:
            watch.start()
        while not self._stopping:
            if not self._tend():
                return 1
            if self._standby and all(watch.well() for watch in self._watches):  # a spare loads only while nobody waits for a part
                self._standby.keep(time.monotonic())
            time.sleep(TICK)
        self._console.print("正在停止……")
        return 0
