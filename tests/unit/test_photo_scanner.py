"""The scanner says clean, found or nothing at all; nothing at all is never taken for clean."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from core.settings import SettingsError, load_settings
from tests.support.clamd_server import EVIL, Clamd, running
from tests.support.redis_server import free_port
from tickets.photos.clamd import Clamd as Scanner
from tickets.photos.clamd import scanner_of
from tickets.photos.errors import ScannerAway

DATA = bytes(range(256)) * 1000


@pytest.fixture
def clamd() -> Clamd:
    return Clamd()


@pytest.fixture
def address(clamd: Clamd) -> Iterator[str]:
    with running(clamd) as address:
        yield address


def scan(address: str, data: bytes = DATA, timeout: float = 30) -> str | None:
    scanner = scanner_of(address, timeout)
    assert scanner
    return scanner.scan(data)


def test_a_clean_file_reaches_the_scanner_whole(clamd: Clamd, address: str) -> None:
    assert scan(address) is None
    assert clamd.scanned == [DATA]


def test_what_is_found_is_named(address: str) -> None:
    assert scan(address, DATA + EVIL) == "Made-Up.Virus-1"


def test_the_scanner_may_listen_on_a_socket_of_this_machine(clamd: Clamd, tmp_path: Path) -> None:
    with running(clamd, tmp_path / "clamd.ctl") as address:
        assert (scan(address), scan(address, EVIL)) == (None, "Made-Up.Virus-1")


@pytest.mark.parametrize("behaviour", ["close", "cut", "INSTREAM size limit exceeded. ERROR\0", "stream: lstat() failed. ERROR\0", "\0", "OK\0",
                                       "stream: OK and more\0", "x" * 5000])
def test_what_is_no_clear_answer_is_no_clean_file(clamd: Clamd, address: str, behaviour: str) -> None:
    clamd.behaviour = behaviour
    with pytest.raises(ScannerAway):
        scan(address)


def test_a_scanner_that_hangs_is_given_up(clamd: Clamd, address: str) -> None:
    clamd.behaviour = "hang"
    with pytest.raises(ScannerAway):
        scan(address, timeout=0.3)


def test_where_nobody_listens_nothing_is_clean(tmp_path: Path) -> None:
    for address in (f"tcp://127.0.0.1:{free_port()}", f"unix://{tmp_path / 'nobody.ctl'}"):
        with pytest.raises(ScannerAway):
            scan(address)


@pytest.mark.parametrize(("address", "where"), [("tcp://127.0.0.1:3310", ("127.0.0.1", 3310)), ("tcp://[::1]:3310", ("::1", 3310)),
                                                ("tcp://clamav:3310", ("clamav", 3310)), ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl")])
def test_the_address_says_where_the_scanner_is(address: str, where: object) -> None:
    assert load_settings({"HOTLINE_SCANNER": address}, Path("none.env")).scanner == address
    assert scanner_of(address, 5) == Scanner(where, 5)  # type: ignore[arg-type]


def test_without_an_address_there_is_no_scanner() -> None:
    assert scanner_of(load_settings({}, Path("none.env")).scanner, 5) is None


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "http://127.0.0.1:3310", "tcp://127.0.0.1", "unix://clamd.ctl", "tcp://a b:1"])
def test_an_address_that_leads_nowhere_stops_the_start(address: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_SCANNER"):
        load_settings({"HOTLINE_SCANNER": address}, Path("none.env"))
