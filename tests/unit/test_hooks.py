import ipaddress
from datetime import datetime
from typing import Any

import pytest

from core.clock import SHANGHAI
from tests.support.ticket_life import ticket
from tickets.doing import Actor
from tickets.hooks import HookAway, Poster, UrlRefused, Webhook, checked_url, may_connect, networks_of, unknown_events
from tickets.telling import Letter, new_secret
from tickets.views import may_see
from tickets.vocabulary import Role

AT = datetime(2026, 11, 5, 10, tzinfo=SHANGHAI)
OFFICE = {"department": "城市管理局", "office_region": "370102"}


def letter(**payload: Any) -> Letter:
    return Letter("2026110500000001-2", "ticket.dispatched", "2026110500000001", AT, {**OFFICE, **payload})


def hook(**fields: Any) -> Webhook:
    return Webhook(**{"id": 1, "url": "https://example.com/hook", "secret": new_secret(), **fields})


def test_a_department_is_told_of_its_own_tickets_only() -> None:
    own = hook(**OFFICE)
    assert own.wants(letter())
    assert not own.wants(letter(department="生态环境局"))
    assert not own.wants(letter(office_region="370103"))
    assert not own.wants(letter(office_region=None))
    assert not own.wants(letter(department=None))


def test_an_office_hears_of_what_it_helps_with_and_of_what_it_loses() -> None:
    own = hook(department="城市管理局", office_region="370102")
    elsewhere = {"department": "生态环境局", "office_region": "370100", "region": "370102"}
    assert own.wants(letter(**elsewhere, left_department="城市管理局", left_office_region="370102"))
    assert own.wants(letter(**elsewhere, helpers=["城市管理局"]))
    assert not own.wants(letter(**{**elsewhere, "region": "370103"}, helpers=["城市管理局"]))


@pytest.mark.parametrize(("helper", "region", "told"), [
    ("370102", "370102", True), ("370100", "370102", True), ("370102", "370102001", True), ("370100", "370100", True),
    ("370102", "370103", False), ("370102", "370100", False), ("370200", "370102", False), ("370102", None, False),
])
def test_the_system_of_a_helping_office_is_told_exactly_of_what_the_office_may_see(helper: str, region: str | None, told: bool) -> None:
    main = {"department": "生态环境局", "office_region": "370300", "region": region}
    helped = ticket(**main, helpers=("城市管理局",))
    assert may_see(helped, Actor(Role.DEPARTMENT, "handler", "城市管理局", helper)) is told
    assert hook(department="城市管理局", office_region=helper).wants(letter(**main, helpers=["城市管理局"])) is told
    assert not hook(department="公安局", office_region=helper).wants(letter(**main, helpers=["城市管理局"]))


def test_the_centres_own_webhook_is_told_of_all() -> None:
    assert hook().wants(letter())
    assert hook().wants(letter(department="生态环境局", office_region=None))


def test_a_webhook_gets_the_events_it_asked_for() -> None:
    assert hook(events=("ticket.dispatched", "ticket.overdue")).wants(letter())
    assert not hook(events=("ticket.overdue",)).wants(letter())


def test_a_webhook_that_is_switched_off_gets_none() -> None:
    assert not hook(active=False).wants(letter())


def test_a_secret_is_not_printed() -> None:
    one = hook()
    assert one.secret not in repr(one)


def test_names_that_no_event_has_are_found() -> None:
    assert unknown_events(["ticket.opened", "ticket.overdue", "ticket.eaten"]) == ["ticket.eaten"]


@pytest.mark.parametrize(("url", "host"), [
    ("https://example.com/hook?a=1", "example.com"), ("https://10.1.2.3:8443/", "10.1.2.3"), ("http://127.0.0.1:9000/hook", "127.0.0.1"),
    ("http://localhost/hook", "localhost"), ("http://[::1]:80/", "::1"),
])
def test_https_is_taken_and_http_on_this_machine(url: str, host: str) -> None:
    assert checked_url(url).host == host


@pytest.mark.parametrize("url", [
    "http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/", "http://localhost.example.com/", "ftp://example.com/", "file:///etc/passwd",
    "https://user:word@example.com/", "https://example.com/#part", "https:///path", "example.com", "", "https://exa mple.com/", "https://example.com/\n", "https://[::1/",
])
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        checked_url(url)


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::",
    "fd00::1", "fe80::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "ff02::1",
])
def test_private_addresses_are_refused_however_they_are_dressed(address: str) -> None:
    assert not may_connect(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1"])
def test_public_addresses_are_taken(address: str) -> None:
    assert may_connect(ipaddress.ip_address(address), ())


def test_a_private_network_is_taken_where_it_is_allowed() -> None:
    allowed = networks_of("10.0.0.0/8, 192.168.1.0/24")
    assert may_connect(ipaddress.ip_address("10.1.2.3"), allowed)
    assert may_connect(ipaddress.ip_address("::ffff:192.168.1.7"), allowed)
    assert not may_connect(ipaddress.ip_address("192.168.2.1"), allowed)
    assert networks_of("") == ()
    with pytest.raises(ValueError, match="10.0.0.0/99"):
        networks_of("10.0.0.0/99")


@pytest.mark.parametrize("url", ["https://10.255.255.1/", "https://169.254.169.254/latest", "http://example.com/"])
def test_nothing_is_posted_to_where_it_must_not_go(url: str) -> None:
    with pytest.raises(HookAway):
        Poster(5.0, (), lambda: AT).post(hook(url=url), letter())


def test_a_private_address_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a connection was opened")
    monkeypatch.setattr("tickets.hooks.httpx.AsyncClient", never)
    with pytest.raises(HookAway, match="内网"):
        Poster(5.0, (), lambda: AT).post(hook(url="https://10.255.255.1/"), letter())
