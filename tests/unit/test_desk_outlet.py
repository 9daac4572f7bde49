"""What is sent to a console that takes nothing any more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from api.channels.operator_telling import Outlet, TooSlow


class Socket:
    """Takes frames while `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.taken: list[dict[str, Any]] = []
        self.at_once = 0
        self.most = 0

    async def send_text(self, text: str) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        self.taken.append(json.loads(text))


async def test_frames_leave_one_after_the_other_and_in_order() -> None:
    socket = Socket()
    outlet = Outlet(socket)  # type: ignore[arg-type]
    sending = [asyncio.ensure_future(outlet.send({"n": n})) for n in range(5)]
    await asyncio.sleep(0)
    socket.open.set()
    await asyncio.gather(*sending)
    assert [frame["n"] for frame in socket.taken] == [0, 1, 2, 3, 4]
    assert socket.most == 1


async def test_a_console_that_takes_nothing_is_given_up() -> None:
    socket = Socket()
    outlet = Outlet(socket, patience=0.05)  # type: ignore[arg-type]
    refused = await asyncio.gather(*(outlet.send({"n": n}) for n in range(3)), return_exceptions=True)
    assert [type(error) for error in refused] == [TooSlow] * 3
    assert socket.taken == []
