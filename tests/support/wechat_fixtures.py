"""A gateway with an official account, and the platform on the other side. Words go out with the answer unless a test gives no time for it."""

from __future__ import annotations

from typing import Any, AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from api.background import working
from api.channels import further
from api.gateway import Gateway
from core.settings import Settings
from tests.support.fake_rasa import serving
from tests.support.wechat_platform import APP_ID, SECRET, TOKEN, FakePlatform, Phone


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def wechat_api(platform: FakePlatform) -> Iterator[str]:
    with serving(platform) as url:
        yield url


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no slow answer."""
    monkeypatch.setattr("api.channels.wechat.BUDGET_S", 60.0)


@pytest.fixture
def settings(tmp_path: Any, redis_url: str, rasa_url: str, wechat_api: str, budget: None) -> Settings:
    return Settings(data_dir=tmp_path, redis_url=redis_url, rasa_url=rasa_url, actions_url=rasa_url, region="370100", wechat_token=TOKEN,
                    wechat_app_id=APP_ID, wechat_app_secret=SECRET, wechat_api=wechat_api)


@pytest.fixture
def no_time(budget: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer comes within the budget: 等一下 makes Rasa take longer."""
    monkeypatch.setattr("api.channels.wechat.BUDGET_S", 0.02)


@pytest.fixture
def gateway(app: FastAPI) -> Gateway:
    return app.state.gateway  # type: ignore[no-any-return]


@pytest.fixture
async def person(client: httpx.AsyncClient) -> Phone:
    return Phone(client)


@pytest.fixture
async def followed(gateway: Gateway) -> AsyncIterator[None]:
    """The duties of a gateway with this account."""
    (channel,) = further(gateway)
    async with working(*channel.duties):
        yield
    await channel.close()
    await gateway.news.close()
