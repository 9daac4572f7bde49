"""The Asterisk Gateway Interface as a server sees it: an environment, then one command and one reply after the other."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Mapping

LINE_LIMIT = 8192      # bytes of one line from the peer
ENVIRONMENT_LIMIT = 100  # lines
PATIENCE_S = 10.0      # for commands that neither speak nor listen
_REPLY = re.compile(r"(\d{3})(-| |$)(?:result=(-?[\w*#]*))?\s*(?:\((.*)\))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_UP = "6"


class PeerFaulty(Exception):
    """The peer does not speak the protocol, or not in time."""


class HungUp(Exception):
    """The caller is gone."""


@dataclass(frozen=True)
class Reply:
    """`result` as the peer wrote it; `data` is what stood in brackets."""

    code: int
    result: str
    data: str = ""


class Peer:
    """One exchange's connection for one call."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float = PATIENCE_S) -> None:
        """`patience` is in seconds."""
        self._reader = reader
        self._writer = writer
        self._patience = patience

    async def environment(self) -> Mapping[str, str]:
        """Return the agi_… values up to the empty line. Raises PeerFaulty, HungUp."""
        values: dict[str, str] = {}
        for _ in range(ENVIRONMENT_LIMIT):
            line = await self._line(self._patience)
            if not line:
                if "agi_request" not in values and "agi_uniqueid" not in values:
                    raise PeerFaulty("no environment")
                return values
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                raise PeerFaulty("no environment")
            values[name] = value.strip()
        raise PeerFaulty("endless environment")

    async def command(self, words: str, patience: float = 0.0) -> Reply:
        """Send a command and return its reply; `patience` in seconds beyond the usual. Raises PeerFaulty, HungUp."""
        try:
            self._writer.write(_CONTROL.sub(" ", words).encode("utf-8") + b"\n")
            await asyncio.wait_for(self._writer.drain(), self._patience)
        except (ConnectionError, asyncio.TimeoutError):
            raise HungUp from None
        line = await self._line(self._patience + patience)
        found = _REPLY.match(line)
        if found is None:
            raise PeerFaulty("no reply")
        if found[2] == "-":  # 520-…, told in several lines
            for _ in range(ENVIRONMENT_LIMIT):
                if (await self._line(self._patience)).startswith(f"{found[1]} "):
                    break
            else:
                raise PeerFaulty("endless reply")
        if found[1] == "511":  # a dead channel
            raise HungUp
        return Reply(int(found[1]), found[3] or "", found[4] or "")

    async def execute(self, application: str, arguments: str, patience: float) -> bool:
        """Run a dialplan application; False where there is none of that name or it failed. Raises PeerFaulty, HungUp."""
        reply = await self.command(f"EXEC {application} {quoted(arguments)}", patience)
        if reply.result == "-1":  # either the caller or the application gave up
            status = await self.command("CHANNEL STATUS")
            if status.result != _UP:
                raise HungUp
        return reply.code == 200 and reply.result not in ("-1", "-2")

    async def variable(self, name: str) -> str:
        """Return a channel variable or function's value, "" if it has none."""
        reply = await self.command(f"GET VARIABLE {name}")
        return reply.data if reply.result == "1" else ""

    async def set(self, name: str, value: str) -> None:
        """Set a channel variable for the dialplan."""
        await self.command(f"SET VARIABLE {name} {quoted(value)}")

    async def key(self, wait: float) -> str:
        """Return the key that is pressed within `wait` seconds, "" for none."""
        reply = await self.command(f"WAIT FOR DIGIT {round(wait * 1000)}", wait)
        if reply.result.startswith("-"):
            raise HungUp
        code = int(reply.result) if reply.result.isascii() and reply.result.isdecimal() else 0
        return chr(code) if chr(code) in "0123456789*#" and code else ""

    async def _line(self, patience: float) -> str:
        try:
            raw = await asyncio.wait_for(self._reader.readline(), patience)
        except asyncio.TimeoutError:
            raise PeerFaulty("silent") from None
        except ValueError:  # longer than the reader's limit
            raise PeerFaulty("endless line") from None
        except ConnectionError:
            raise HungUp from None
        if not raw.endswith(b"\n"):
            raise HungUp
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line == "HANGUP":
            raise HungUp
        return line


def quoted(argument: str) -> str:
    """Return an argument as AGI reads it: in quotes, nothing in it can end it."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
