"""The gateway's sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from api.main import PHRASES
from api.phrases import PhraseMissing, Phrases
from core.settings import ROOT

DOMAIN = ROOT / "bot" / "domain"
OWN = yaml.safe_load((DOMAIN / "gateway.yml").read_text(encoding="utf-8"))["responses"]


@pytest.fixture
def phrases(tmp_path: Path) -> Phrases:
    (tmp_path / "a.yml").write_text(
        'responses:\n  utter_a:\n  - text: "电话版{name}"\n    channel: ivr\n  - text: "网页版{name}"\n  - text: "第二种"\n', encoding="utf-8")
    (tmp_path / "b.yml").write_text('responses:\n  utter_b:\n  - text: "只有一种"\n', encoding="utf-8")
    (tmp_path / "c.yml").write_text("version: '3.1'\n", encoding="utf-8")
    return Phrases.load(tmp_path)


def test_a_channel_hears_its_own_wording_and_else_the_first_of_all(phrases: Phrases) -> None:
    assert phrases.render("utter_a", "ivr", name="甲") == "电话版甲"
    assert phrases.render("utter_a", "web", name="甲") == "网页版甲"
    assert phrases.render("utter_b", "ivr") == "只有一种"


def test_a_value_is_never_read_as_a_blank(phrases: Phrases) -> None:
    assert phrases.render("utter_a", "web", name="{secret}") == "网页版{secret}"


def test_a_missing_sentence_or_value_is_named(phrases: Phrases) -> None:
    with pytest.raises(PhraseMissing, match="utter_c"):
        phrases.render("utter_c", "web")
    with pytest.raises(PhraseMissing, match="utter_a asks for name"):
        phrases.render("utter_a", "web")
    with pytest.raises(PhraseMissing, match="utter_c, utter_d"):
        phrases.require(["utter_d", "utter_a", "utter_c"])


def test_the_domain_has_every_sentence_that_the_gateway_must_say() -> None:
    Phrases.load(DOMAIN).require(PHRASES)


@pytest.mark.parametrize("name", sorted(OWN))
def test_on_the_phone_a_sentence_of_the_gateway_has_sixty_characters_at_most(name: str) -> None:
    values = {"summary": "", "tail": "1234", "about": "", "name": "", "place": "3", "minutes": "15", "due": "11月20日12点", "names": "", "numbered": "", "grade": "非常不满意", "text": "", "topic": "", "addresses": "",
              "number": "119", "most": "2000"}
    assert 0 < len(Phrases.load(DOMAIN).render(name, "ivr", **values)) <= 60
