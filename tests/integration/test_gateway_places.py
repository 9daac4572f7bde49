"""Two cities' lists, imported with their regions, asked through the gateway from both and from nowhere in particular."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, AsyncIterator

import httpx
import pytest

from api.fallback import Fallback
from api.main import create_app
from api.phrases import Phrases
from api.ports import Parts
from core.bootstrap import load_regions
from core.clock import SHANGHAI
from core.db import connect, migrate
from core.settings import ROOT, Settings
from knowledge.bootstrap import Knowledge, assemble
from knowledge.editions import catalogue_in_force
from knowledge.importers.run import import_items
from knowledge.store.sql import SqlKnowledge

pytest_plugins = ("tests.support.gateway_fixtures",)
JINAN, LIXIA, QINGDAO, YANTAI, PROVINCE = "370100", "370102", "370200", "370600", "370000"
HEAD = "标识,事项名称,事项类型,实施主体,办理地点,材料\n"
LISTS = {QINGDAO: HEAD + 'a1,公园长椅认养,公共服务,园林局,一号窗口,"[{""材料名称"":""琴岛表""}]"\na2,海草房认定,公共服务,住建局,二号窗口,"[{""材料名称"":""海草表""}]"\n',
         JINAN: HEAD + 'a1,公园长椅认养,公共服务,园林局,九号窗口,"[{""材料名称"":""泉城表""}]"\n'}


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    url = f"sqlite:///{tmp_path / 'lists.db'}"
    migrate(url)
    store = SqlKnowledge(connect(url))
    for region, rows in LISTS.items():
        path = tmp_path / f"{region}.csv"
        path.write_text(rows, encoding="utf-8")
        report = import_items(store, path, author="editor", at=datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI), region=region)
        assert report.refused == 0
    return assemble(catalogue_in_force(store, date(2026, 11, 20)), {})


@pytest.fixture
async def gateway(settings: Settings, parts: Parts, knowledge: Knowledge) -> AsyncIterator[httpx.AsyncClient]:
    known = replace(parts, knowledge=knowledge, regions=load_regions(home=JINAN), phrases=Phrases.load(ROOT / "bot" / "domain"))
    transport = httpx.ASGITransport(app=create_app(settings, known), client=("203.0.113.7", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
    await parts.http.aclose()
    await parts.redis.close()


async def asked(gateway: httpx.AsyncClient, text: str, region: str) -> Any:
    answer = await gateway.post("/v1/knowledge/match", json={"text": text, "region": region})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_each_city_hears_its_own_papers(gateway: httpx.AsyncClient) -> None:
    for region, own, other in ((LIXIA, "泉城表", "琴岛表"), (QINGDAO, "琴岛表", "泉城表")):
        found = await asked(gateway, "公园长椅认养要带什么材料", region)
        assert found["decision"] == "answer"
        assert own in found["answer"] and other not in found["answer"]


async def test_a_city_named_in_the_question_is_the_one_that_is_meant(gateway: httpx.AsyncClient) -> None:
    assert "琴岛表" in (await asked(gateway, "青岛的公园长椅认养要带什么材料", JINAN))["answer"]


async def test_what_the_city_lacks_is_said_to_be_elsewhere(gateway: httpx.AsyncClient) -> None:
    here, there = [await asked(gateway, "海草房认定要带什么材料", region) for region in (LIXIA, QINGDAO)]
    assert here["answer"] == "海草房认定现在只有青岛市有，济南这边没有。要不要给您转人工，或者登记一下？"
    assert "海草表" in there["answer"]
    found = (await gateway.get("/v1/knowledge/items/a2", params={"region": LIXIA})).json()
    assert (found["holding"], found["only_in"]) == ("elsewhere", [QINGDAO])


async def test_with_no_city_known_it_is_asked_back_or_told_with_its_place(gateway: httpx.AsyncClient) -> None:
    several, alone = [await asked(gateway, text, PROVINCE) for text in ("公园长椅认养要带什么材料", "海草房认定要带什么材料")]
    assert (several["decision"], several["answer"]) == ("clarify", None)
    assert "青岛市的海草房认定" in alone["answer"]


def test_without_rasa_it_is_the_same(knowledge: Knowledge) -> None:
    fallback = Fallback(knowledge, load_regions(home=JINAN), Phrases.load(ROOT / "bot" / "domain"))
    told = {region: fallback.answer("公园长椅认养在哪里办", "web", region) for region in (LIXIA, QINGDAO, YANTAI, PROVINCE)}
    assert "九号窗口" in told[LIXIA].utterances[0].text and "一号窗口" in told[QINGDAO].utterances[0].text
    assert (told[PROVINCE].outcome, sorted(told[PROVINCE].options)) == ("clarified", ["济南市的公园长椅认养", "青岛市的公园长椅认养"])
    assert not any("窗口" in utterance.text for utterance in told[YANTAI].utterances)
