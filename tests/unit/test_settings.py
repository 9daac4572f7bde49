"""Settings: defaults, where they come from, and errors that name the key and hide the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.settings import ROOT, SettingsError, load_settings

NO_FILE = Path("does-not-exist.env")


def test_without_anything_the_defaults_hold() -> None:
    settings = load_settings({}, NO_FILE)
    assert (settings.host, settings.port, settings.region, settings.rasa_timeout) == ("127.0.0.1", 8000, "370100", 3.0)
    assert settings.database == f"sqlite:///{ROOT / 'data' / 'hotline.db'}"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HOTLINE_PORT=9000\nHOTLINE_REGION=370200\n", encoding="utf-8")
    settings = load_settings({"HOTLINE_PORT": "9001"}, file)
    assert (settings.port, settings.region) == (9001, "370200")


def test_the_two_urls_are_named_without_the_prefix() -> None:
    settings = load_settings({"DATABASE_URL": "sqlite://", "REDIS_URL": "redis://cache:6379/0"}, NO_FILE)
    assert (settings.database, settings.redis_url) == ("sqlite://", "redis://cache:6379/0")


def test_an_empty_value_means_the_default_and_foreign_variables_are_ignored() -> None:
    assert load_settings({"HOTLINE_PORT": "", "PATH": "x"}, NO_FILE).port == 8000


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"HOTLINE_COLOUR": "red"}, "unknown setting: HOTLINE_COLOUR"),
        ({"HOTLINE_PORT": "many"}, "ill-typed setting: HOTLINE_PORT"),
        ({"HOTLINE_PORT": "0"}, "ill-typed setting: HOTLINE_PORT"),
        ({"HOTLINE_REGION": "110100"}, "ill-typed setting: HOTLINE_REGION"),
        ({"HOTLINE_LOG_LEVEL": "loud", "HOTLINE_PORT": "x"}, "ill-typed setting: HOTLINE_LOG_LEVEL, HOTLINE_PORT"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(environ, NO_FILE)
    assert str(error.value) == message


def test_a_stray_key_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="unknown setting: PORT"):
        load_settings({}, file)


def test_settings_cannot_be_changed() -> None:
    settings = load_settings({}, NO_FILE)
    with pytest.raises(TypeError):
        settings.port = 1


@pytest.mark.parametrize("urls", ["http://rasa:5005", "http://a:1,http://b:2", "https://a/ , http://b:2"])
def test_rasa_may_be_several_processes(urls: str) -> None:
    assert load_settings({"HOTLINE_RASA_URL": urls}, NO_FILE).rasa_url == urls


@pytest.mark.parametrize("urls", ["rasa:5005", "http://a:1,", "http://a:1,,http://b:2", "http://a:1 http://b:2", ",", "http://a,ftp://b"])
def test_what_is_no_list_of_addresses_is_refused(urls: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_RASA_URL"):
        load_settings({"HOTLINE_RASA_URL": urls}, NO_FILE)
