"""Whom wrong tries are counted against."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from api.rates import asker_of


@pytest.mark.parametrize(("address", "asker"), [
    ("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    ("::ffff:203.0.113.7", "203.0.113.7"), ("testclient", "testclient"),
])
def test_a_line_is_one_asker_however_many_addresses_it_has(address: str, asker: str) -> None:
    assert asker_of(Request({"type": "http", "client": (address, 1)})) == asker


def test_a_connection_without_an_address_is_one_asker_too() -> None:
    assert asker_of(Request({"type": "http", "client": None})) == "unknown"
