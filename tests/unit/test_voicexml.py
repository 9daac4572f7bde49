"""VoiceXML 2.1 documents: structure, escaping, and the schema where it is at hand."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.phone.spoken import Spoken
from api.phone.voicexml import Session, closing, document, ended
from core.settings import ROOT

V = "{http://www.w3.org/2001/vxml}"
HERE = "/v1/ivr/calls/c1"
SESSION = Session(f"{HERE}/turns", f"{HERE}/end", "i0.abc-_", "builtin:speech/transcribe", "tel:{number}", "出错了，转人工。", "没接通，您接着说。", "请自己拨打{number}。")
SPOKEN = {
    "continue": Spoken("要带身份证。", "answered"), "slow": Spoken("您慢慢说。", "repeated", slow=True),
    "person": Spoken("给您转人工。", "handoff", action="transfer", transfer_to="operator"),
    "fire": Spoken("给您转119。", "emergency_119", action="transfer", transfer_to="119"),
    "hangup": Spoken("再见。", "smalltalk", action="hangup"),
    "hostile": Spoken("<exit/>]]>&amp;\x00\x0b\ud800'\"<!--", "answered"),
}
SCHEMA = Path(os.environ.get("HOTLINE_TEST_VXML_SCHEMA") or ROOT.parent / "shared" / "data" / "vxml21") / "vxml.xsd"


def rendered(name: str) -> ET.Element:
    return ET.fromstring(document(SPOKEN[name], SESSION, "operator"))


@pytest.mark.parametrize("name", SPOKEN)
def test_every_document_is_voicexml_2_1_in_chinese(name: str) -> None:
    root = rendered(name)
    assert (root.tag, root.get("version"), root.get("{http://www.w3.org/XML/1998/namespace}lang")) == (f"{V}vxml", "2.1", "zh-CN")
    names = [form.get("id") for form in root.iter(f"{V}form") if form.get("id")]
    assert len(names) == len(set(names))
    for jump in root.iter(f"{V}goto"):
        assert str(jump.get("next")).removeprefix("#") in names


def test_a_turn_speaks_may_be_talked_over_and_submits_what_it_heard_in_a_body() -> None:
    field = rendered("continue").find(f".//{V}field")
    assert field is not None
    prompt = field.find(f"{V}prompt")
    assert prompt is not None and (prompt.text, prompt.get("bargein")) == ("要带身份证。", "true")
    assert {handler.tag.removeprefix(V) for handler in field} >= {"filled", "noinput", "nomatch"}
    submits = list(field.iter(f"{V}submit"))
    assert len(submits) == 3
    for submit in submits:
        assert (submit.get("next"), submit.get("method")) == (f"{HERE}/turns", "post")
        assert str(submit.get("namelist")).split() == ["token", "text", "dtmf", "silence", "confidence"]


def test_every_name_that_is_submitted_is_a_variable_of_the_document() -> None:
    root = rendered("continue")
    known = {str(var.get("name")) for var in root.iter(f"{V}var")}
    for submit in root.iter(f"{V}submit"):
        assert set(str(submit.get("namelist")).split()) <= known
        assert "?" not in str(submit.get("next"))


def test_a_hang_up_is_told_to_the_gateway() -> None:
    events = [catch.get("event") for catch in rendered("continue").findall(f"{V}catch")]
    assert events == ["connection.disconnect.transfer", "connection.disconnect"]


def test_the_simpler_prompt_is_said_slowly() -> None:
    said = rendered("slow").find(f".//{V}field/{V}prompt/{V}prosody")
    assert said is not None and (said.get("rate"), said.text) == ("slow", "您慢慢说。")


@pytest.mark.parametrize(("name", "destination", "failed"), [("person", "tel:operator", "没接通，您接着说。"), ("fire", "tel:119", "请自己拨打幺幺九。")])
def test_a_transfer_speaks_first_and_one_that_fails_listens_on(name: str, destination: str, failed: str) -> None:
    form = rendered(name).find(f"{V}form")
    assert form is not None
    transfer = form.find(f"{V}transfer")
    assert transfer is not None and transfer.get("dest") == destination
    prompts = [prompt.text for prompt in transfer.iter(f"{V}prompt")]
    assert prompts[0] and prompts[1:] == [failed, failed]
    assert [jump.get("next") for jump in transfer.iter(f"{V}goto")] == ["#turn", "#turn"]


def test_hanging_up_comes_after_the_goodbye() -> None:
    block = rendered("hangup").find(f"{V}form/{V}block")
    assert block is not None and [child.tag for child in block] == [f"{V}prompt", f"{V}disconnect"]
    assert block[0].text == "再见。"


def test_hostile_text_stays_text() -> None:
    root = rendered("hostile")
    field = root.find(f".//{V}field")
    assert field is not None
    assert str(field[0].text).startswith("<exit/>]]>&amp;")
    assert not list(root.iter(f"{V}exit"))


@given(st.text(max_size=80))
@example("೦")
@example("１٢")
def test_any_text_leaves_a_readable_document(text: str) -> None:
    root = ET.fromstring(document(Spoken(text, "answered"), SESSION, "operator"))
    assert len(list(root.iter(f"{V}form"))) == 2
    ET.fromstring(closing(text))


@pytest.mark.parametrize("name", [*SPOKEN, "ended"])
def test_the_schema_agrees(name: str) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    if not SCHEMA.exists():
        pytest.skip("no schema at hand")
    schema = xmlschema.XMLSchema(str(SCHEMA), allow="local")
    schema.validate(ET.fromstring(ended() if name == "ended" else document(SPOKEN[name], SESSION, "operator")))


def test_a_token_stands_in_no_address() -> None:
    written = document(SPOKEN["continue"], SESSION, "operator").decode()
    assert not re.search(r'next="[^"]*abc', written)


@pytest.mark.parametrize(("number", "failed"), [("8001", "没接通，您接着说。"), ("12333", "请自己拨打幺二三三三。")])
def test_the_number_of_the_desk_is_not_told_to_be_dialled(number: str, failed: str) -> None:
    root = ET.fromstring(document(Spoken("转。", "handoff", action="transfer", transfer_to=number), SESSION, "8001"))
    transfer = root.find(f".//{V}transfer")
    assert transfer is not None and [prompt.text for prompt in transfer.iter(f"{V}prompt")] == ["转。", failed, failed]
