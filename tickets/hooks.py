"""Webhooks: which department's system is told of which event, and how one is posted without being led astray."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Mapping, Sequence, Union

import httpx

from tickets.events import NAMES
from tickets.telling import Letter, body_of, headers_of
from tickets.transitions import within

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
# IPv6 that leads to an IPv4 address of the sender's choice (NAT64, 6to4): public by its looks only.
_DISGUISED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
_LOOPBACK_NAME = "localhost"
_BUSY = frozenset({408, 425, 429})


class UrlRefused(Exception):
    """Nothing is posted to this address; the message says why, in Chinese."""


class HookAway(Exception):
    """The system did not answer, or is out of order: try everything later."""


class HookRefuses(Exception):
    """The system answered that it does not want this one."""


@dataclass(frozen=True)
class Webhook:
    """Where a system wants to be told. With a department only of tickets of that office; `events` empty means all.

    `failures` in a row lengthen its pauses; `secret` signs.
    """

    id: int
    url: str
    secret: str = field(repr=False)
    department: str | None = None
    office_region: str | None = None
    events: tuple[str, ...] = ()
    active: bool = True
    failures: int = 0

    def wants(self, letter: Letter) -> bool:
        """Whether this event is for this system: its own office's tickets, those it helps with, and those that it just lost."""
        if not self.active or (self.events and letter.name not in self.events):
            return False
        told = letter.payload
        offices = {(told.get("department"), told.get("office_region")), (told.get("left_department"), told.get("left_office_region"))}
        return self.department is None or (self.department, self.office_region) in offices or self._helps(told)

    def _helps(self, told: Mapping[str, Any]) -> bool:
        """As transitions.helps has it of a ticket: named as a helper, and the office of where the matter is or of a region above."""
        near = any(within(told.get(region), self.office_region) for region in ("office_region", "region"))
        return near and self.department in told.get("helpers", ())


@dataclass(frozen=True)
class Turn:
    """What waits for one webhook, in order of telling."""

    webhook: Webhook
    letters: tuple[Letter, ...]


def unknown_events(names: Sequence[str]) -> list[str]:
    """Return the names that no event has."""
    return sorted(set(names) - NAMES)


def checked_url(url: str) -> httpx.URL:
    """Return the address taken apart; raises UrlRefused unless it is https, or http on this very machine."""
    if not url.isprintable() or " " in url:
        raise UrlRefused("网址里不能有空格和看不见的字符。")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise UrlRefused("网址写得不对。") from None
    if not parsed.host or parsed.userinfo or parsed.fragment:
        raise UrlRefused("网址里要有主机名，不能有用户名、密码和“#”。")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and _names_loopback(parsed.host)):
        raise UrlRefused("网址要以 https:// 开头；只有本机可以用 http://。")
    return parsed


def networks_of(text: str) -> tuple[Network, ...]:
    """Return the networks that a setting lists, as 10.0.0.0/8,192.168.1.0/24; raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def may_connect(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address that a name led to may be posted to: public ones, and those of the networks that are allowed."""
    mapped = getattr(address, "ipv4_mapped", None)
    real: Address = mapped or address
    if any(real in network for network in allowed):
        return True
    return real.is_global and not real.is_multicast and not any(real in network for network in _DISGUISED)


@dataclass(frozen=True)
class Poster:
    """Posts events, each within `timeout` seconds; `networks` are private ones that are allowed. Nothing of a response but its status is read."""

    timeout: float
    networks: Sequence[Network]
    clock: Callable[[], datetime]
    context: ssl.SSLContext = field(default_factory=httpx.create_ssl_context, repr=False)

    def post(self, webhook: Webhook, letter: Letter) -> None:
        """Post one event; raises HookAway and HookRefuses, whose words hold nothing that the other side has said."""
        try:
            status = asyncio.run(asyncio.wait_for(self._post(webhook, letter), self.timeout))
        except UrlRefused as error:
            raise HookAway(str(error)) from None
        except asyncio.TimeoutError:
            raise HookAway(f"{self.timeout:g}秒内没有回应") from None
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            raise HookAway(f"连接失败（{type(error).__name__}）") from None
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in _BUSY:
            raise HookRefuses(f"对方拒收（HTTP {status}）")
        raise HookAway(f"对方系统异常（HTTP {status}）")

    async def _post(self, webhook: Webhook, letter: Letter) -> int:
        url = checked_url(webhook.url)
        address = await self._resolved(url)
        body = body_of(letter)
        headers = {**headers_of(webhook.secret, letter.id, self.clock(), body), "content-type": "application/json",
                   "host": url.netloc.decode("ascii"), "user-agent": "hotline-webhooks/1"}
        # To the very address that was checked: asked again, a name may lead elsewhere. The certificate must still be the name's.
        target = url.copy_with(host=str(address))
        extensions: Mapping[str, Any] = {"sni_hostname": url.raw_host.decode("ascii")}
        async with httpx.AsyncClient(verify=self.context, trust_env=False, follow_redirects=False, timeout=self.timeout) as client:
            async with client.stream("POST", target, content=body, headers=headers, extensions=dict(extensions)) as response:
                return response.status_code

    async def _resolved(self, url: httpx.URL) -> Address:
        """Return the first address of the host, once every one of them may be connected to."""
        port = url.port or (443 if url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=1)  # SOCK_STREAM
        addresses: list[Address] = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
        if _names_loopback(url.host) and all(address.is_loopback for address in addresses):
            return addresses[0]
        if not all(may_connect(address, self.networks) for address in addresses):
            raise UrlRefused("这个网址指向内网，没有允许（HOTLINE_WEBHOOK_NETWORKS）")
        return addresses[0]


def _names_loopback(host: str) -> bool:
    if host == _LOOPBACK_NAME:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
