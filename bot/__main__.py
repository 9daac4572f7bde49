"""`python -m bot` runs Rasa with the trained model on loopback; with --spare it is told its port later, when another process has died."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.utils import AvailableEndpoints

LOW_PRIORITY = 10  # niceness of the thread in which a spare loads, beside processes that callers wait for


class ModelNotLoaded(Exception):
    """Rasa would serve without a model and fail every turn; its log tells why there is none."""


def main() -> None:
    """Load everything, then serve until told to stop; a spare whose input ends before it is told a port ends as well."""
    wanted = _arguments().parse_args()
    agent, endpoints = _loaded_aside(wanted.model, wanted.endpoints) if wanted.spare else load(wanted.model, wanted.endpoints)
    port = told_port(sys.stdin) if wanted.spare else wanted.port
    if port is not None:
        serve(agent, endpoints, wanted.credentials, port)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot")
    for name in ("model", "endpoints", "credentials"):
        parser.add_argument(f"--{name}", required=True)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=int)
    where.add_argument("--spare", action="store_true")
    return parser


def told_port(lines: "IO[str]") -> int | None:
    """Return the port that the next line names; None when nobody is there any more to name one, or it is none."""
    line = lines.readline().strip()
    return int(line) if line.isascii() and line.isdigit() and 0 < int(line) < 1 << 16 else None


def _loaded_aside(model: str, endpoints: str) -> "tuple[Agent, AvailableEndpoints]":
    """Load in a thread of low priority: unlike a process, which may not raise it again, the main thread serves at its usual one."""
    found: list[tuple[Agent, AvailableEndpoints]] = []

    def run() -> None:
        own = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, own, max(LOW_PRIORITY, os.getpriority(os.PRIO_PROCESS, own)))
        found.append(load(model, endpoints))

    thread = threading.Thread(target=run, name="loading")
    thread.start()
    thread.join()
    if not found:
        raise ModelNotLoaded
    return found[0]


def load(model: str, endpoints: str) -> "tuple[Agent, AvailableEndpoints]":
    """Import all of Rasa, load the model and let it parse once, for the first caller shall not wait; raises ModelNotLoaded."""
    sys.modules.setdefault("jax", None)  # type: ignore[arg-type]  # TensorFlow loads it wherever it is installed; nothing here uses it
    import skops.io  # noqa: F401  # looks for the home of each function of numpy in all modules loaded: 4 s after TensorFlow, little before
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints
    from rasa.engine.recipes import default_components  # noqa: F401

    from bot import tuning
    from knowledge.bootstrap import FIRST_WORDS
    _configure_logs()
    tuning.apply()  # an agent takes its stores when it is made
    read = AvailableEndpoints.read_endpoints(endpoints)

    async def loaded() -> Agent:
        agent = await load_agent(model_path=model, endpoints=read)
        if not agent.is_ready():
            raise ModelNotLoaded
        await agent.parse_message(FIRST_WORDS)
        return agent

    return asyncio.run(loaded()), read


def _configure_logs() -> None:
    """Set logs and TensorFlow up as `rasa run` does."""
    import rasa.utils.io
    import rasa.utils.tensorflow.environment
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog
    configure_logging_and_warnings(warn_only_once=True, filter_repeated_logs=True)
    rasa.utils.tensorflow.environment.setup_tf_environment()
    rasa.utils.io.configure_colored_logging(None)
    configure_structlog(None)


def serve(agent: "Agent", endpoints: "AvailableEndpoints", credentials: str, port: int) -> None:
    """Answer on a port of loopback with an agent that has been loaded, as `rasa run --enable-api` does."""
    import rasa.core.run as rasa_run
    import rasa.utils.common
    from sanic import Sanic
    channels = rasa_run.create_http_input_channels(None, credentials)
    app = rasa_run.configure_app(channels, enable_api=True, endpoints=endpoints, port=port)

    async def hand_over(app: Sanic, _: object) -> None:
        app.ctx.agent = agent

    app.register_listener(hand_over, "before_server_start")
    app.register_listener(rasa_run.close_resources, "after_server_stop")
    rasa.utils.common.update_sanic_log_level()
    app.run(host="127.0.0.1", port=port, workers=1, motd=False)


if __name__ == "__main__":
    main()
