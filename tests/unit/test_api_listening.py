"""Where a gateway process listens."""

from __future__ import annotations

from pathlib import Path

from api.__main__ import listening_all
from core.settings import Settings
from tests.support.redis_server import free_port


def test_gateways_share_one_port_and_each_is_asked_how_it_is_on_its_own(tmp_path: Path) -> None:
    port, own = free_port(), [free_port(), free_port()]
    sockets = [listening_all(Settings(data_dir=tmp_path, port=port, health_port=number)) for number in own]
    try:
        assert [[one.getsockname()[1] for one in pair] for pair in sockets] == [[port, number] for number in own]
    finally:
        for one in (one for pair in sockets for one in pair):
            one.close()
    alone = listening_all(Settings(data_dir=tmp_path, port=free_port()))
    assert len(alone) == 1
    alone[0].close()
