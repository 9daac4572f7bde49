"""`hotline check` holds domain and rules against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.checks.domain import Domain, Form, duplicate_faults, read_domain
from cli.checks.rules import read_rules, rule_faults
from cli.checks.source import Unreadable
from cli.checks.wording import wording_faults

DOMAIN = """\
intents:
  - greet
  - ask
slots:
  region: {type: text}
forms:
  ticket_form:
    required_slots: [course, where]
actions:
  - action_consult
responses:
  utter_greet:
  - text: 您好
"""
RULES = """\
rules:
  - rule: greet
    steps:
      - intent: greet
      - action: utter_greet
  - rule: ask
    steps:
      - intent: ask
      - action: action_consult
  - rule: fallback
    steps:
      - intent: nlu_fallback
      - action: action_consult
  - rule: the form is full
    condition:
      - active_loop: ticket_form
    steps:
      - action: ticket_form
      - active_loop: null
      - slot_was_set:
          - requested_slot: null
      - action: action_listen
"""


def domain_of(folder: Path, *texts: str) -> Domain:
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{'abc'[number]}.yml")
        paths[-1].write_text(text, encoding="utf-8")
    return read_domain(paths)


def faults_of_rules(folder: Path, text: str, domain: str = DOMAIN) -> list[tuple[int, str]]:
    path = folder / "rules.yml"
    path.write_text(text, encoding="utf-8")
    return [(fault.line, fault.message) for fault in rule_faults(domain_of(folder, domain), read_rules([path]))]


def faults_of_wording(folder: Path, responses: str) -> list[str]:
    return [fault.message for fault in wording_faults(domain_of(folder, f"responses:\n{responses}").responses)]


def test_the_domain_is_read_with_its_lines(tmp_path: Path) -> None:
    domain = domain_of(tmp_path, DOMAIN)
    assert [(intent.name, intent.line) for intent in domain.intents] == [("greet", 2), ("ask", 3)]
    assert domain.forms == (Form("ticket_form", "a.yml", 7, ("course", "where")),)
    assert [(response.name, response.line, response.variants[0].line) for response in domain.responses] == [("utter_greet", 12, 13)]


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as raised:
        domain_of(tmp_path, "intents:\n  - greet\n  - [ask\n")
    assert (raised.value.fault.file, raised.value.fault.line) == ("a.yml", 4)


def test_different_names_in_two_files_are_right(tmp_path: Path) -> None:
    assert list(duplicate_faults(domain_of(tmp_path, DOMAIN, "responses:\n  utter_bye:\n  - text: 再见\n"))) == []


@pytest.mark.parametrize(("text", "kind", "name"), [
    ("responses:\n  utter_greet:\n  - text: 你好\n", "response", "utter_greet"), ("slots:\n  region: {type: any}\n", "slot", "region")])
def test_a_name_in_two_files_is_a_fault(tmp_path: Path, text: str, kind: str, name: str) -> None:
    faults = list(duplicate_faults(domain_of(tmp_path, DOMAIN, text)))
    assert [(fault.file, fault.line) for fault in faults] == [("b.yml", 2)]
    assert faults[0].message.startswith(f"{kind} '{name}' also stands in a.yml:")


def test_rules_that_name_only_what_exists_are_right(tmp_path: Path) -> None:
    assert faults_of_rules(tmp_path, RULES) == []


def test_an_intent_without_a_rule_is_a_fault_at_the_intent(tmp_path: Path) -> None:
    assert faults_of_rules(tmp_path, RULES, DOMAIN.replace("  - ask\n", "  - ask\n  - rate\n")) == [(4, "intent 'rate' has no rule outside forms")]


def test_a_rule_inside_a_form_does_not_count_for_its_intent(tmp_path: Path) -> None:
    inside = RULES.replace("  - rule: greet\n", "  - rule: greet\n    condition:\n      - active_loop: ticket_form\n")
    assert faults_of_rules(tmp_path, inside) == [(2, "intent 'greet' has no rule outside forms")]


def test_the_fallback_needs_a_rule_too(tmp_path: Path) -> None:
    assert faults_of_rules(tmp_path, RULES.replace("intent: nlu_fallback", "intent: ask")) == [(1, "'nlu_fallback' has no rule outside forms")]


@pytest.mark.parametrize(("good", "bad", "message"), [
    ("intent: ask\n", "intent: asks\n", "rule 'ask' names intent 'asks', which does not exist"),
    ("action: utter_greet", "action: utter_gone", "rule 'greet' names action 'utter_gone', which does not exist"),
    ("action: ticket_form", "action: form", "rule 'the form is full' names action 'form', which does not exist"),
    ("active_loop: ticket_form", "active_loop: form", "rule 'the form is full' names active_loop 'form', which does not exist"),
    ("requested_slot: null", "gone: null", "rule 'the form is full' names slot 'gone', which does not exist"),
    ("action: action_listen", "acton: action_listen", "rule 'the form is full' has a step of unknown kind 'acton'"),
], ids=["intent", "response", "action", "loop", "slot", "misspelt step"])
def test_a_name_in_a_rule_that_does_not_exist_is_a_fault(tmp_path: Path, good: str, bad: str, message: str) -> None:
    assert message in [told for _, told in faults_of_rules(tmp_path, RULES.replace(good, bad))]


def test_sixty_characters_need_no_wording_for_the_phone(tmp_path: Path) -> None:
    assert faults_of_wording(tmp_path, f"  utter_a:\n  - text: '{'办' * 60}{{name}}'\n") == []


def test_sixty_one_characters_need_a_wording_for_the_phone(tmp_path: Path) -> None:
    assert faults_of_wording(tmp_path, f"  utter_a:\n  - text: {'办' * 61}\n") == ["'utter_a' has 61 characters and no variant with 'channel: ivr'"]
    assert faults_of_wording(tmp_path, f"  utter_a:\n  - text: {'办' * 61}\n  - channel: ivr\n    text: 短\n") == []


def test_a_list_needs_a_wording_for_the_phone(tmp_path: Path) -> None:
    assert faults_of_wording(tmp_path, "  utter_a:\n  - text: 一、二、三、四\n") == ["'utter_a' holds a list and has no variant with 'channel: ivr'"]
    assert faults_of_wording(tmp_path, "  utter_a:\n  - text: 一、二、三\n") == []


def test_a_wording_for_the_phone_has_at_most_sixty_characters(tmp_path: Path) -> None:
    phone = "  utter_a:\n  - text: 短\n  - channel: ivr\n    text: {}\n"
    assert faults_of_wording(tmp_path, phone.format("办" * 61)) == ["'utter_a' has 61 characters on the phone, at most 60 can be heard"]
    assert faults_of_wording(tmp_path, phone.format("办" * 60)) == []
