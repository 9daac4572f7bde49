"""API keys of channels and staff."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from api.keys import ROLES, KeyStore
from core.db import Database, api_keys, connect, migrate
from tests.support.gateway_fakes import NOW


@pytest.fixture
def database(tmp_path: Path) -> Database:
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    migrate(url)
    return connect(url)


@pytest.mark.parametrize("role", ROLES)
def test_a_key_opens_its_role_and_is_kept_only_as_a_digest(database: Database, role: str) -> None:
    office = ("城市管理局", "370102") if role == "department" else ()
    token = KeyStore(database, lambda: NOW).create(role, "测试", *office)
    assert token.startswith("hk_")
    assert len(token) == 46
    key = KeyStore(database, lambda: NOW).verify(token)
    assert key is not None
    assert (key.role, key.name, (key.department, key.region)) == (role, "测试", office or ("", None))
    with database.read() as connection:
        row = connection.execute(select(api_keys)).one()
    assert token not in str(row)
    assert row.created_at == NOW


def test_an_unknown_role_gets_no_key(database: Database) -> None:
    with pytest.raises(ValueError, match="unknown role: king"):
        KeyStore(database, lambda: NOW).create("king", "")


@pytest.mark.parametrize(("role", "office"), [
    ("department", ()), ("department", ("城市管理局",)), ("department", (None, "370102")), ("department", ("", "370102")),
    ("operator", ("城市管理局", "370102")), ("admin", ("城市管理局", None)), ("ivr", (None, "370102"))], ids=str)
def test_a_departments_key_and_no_other_names_an_office(database: Database, role: str, office: tuple[str | None, ...]) -> None:
    with pytest.raises(ValueError, match="names its department and region"):
        KeyStore(database, lambda: NOW).create(role, "测试", *office)


@pytest.mark.parametrize("token", ["", "hk_", "hk_wrong", "\ud800", "长" * 1000])
def test_what_is_no_key_opens_nothing(database: Database, token: str) -> None:
    KeyStore(database, lambda: NOW).create("ivr", "")
    assert KeyStore(database, lambda: NOW).verify(token) is None


def test_a_revoked_key_stays_worthless(database: Database) -> None:
    keys = KeyStore(database, lambda: NOW)
    token = keys.create("ivr", "")
    key = keys.verify(token)
    assert key is not None
    assert keys.revoke(key.id) is True
    assert keys.verify(token) is None
    assert keys.revoke(key.id) is False
