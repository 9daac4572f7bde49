"""What a gateway does without being asked, for as long as it runs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import AsyncIterator, Awaitable, Callable, Sequence


@asynccontextmanager
async def working(*duties: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run duties that never end by themselves beside the block, and cancel them with it."""
    tasks = [asyncio.ensure_future(duty()) for duty in duties]
    try:
        yield
    finally:
        await stop(tasks)


async def stop(tasks: Sequence[asyncio.Future[None]]) -> None:
    """Cancel until all have ended: wait_for loses a cancellation that comes in the moment in which what it waits for is done."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)
    await asyncio.gather(*tasks, return_exceptions=True)
