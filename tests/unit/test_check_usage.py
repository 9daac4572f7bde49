"""`hotline check` knows which responses the code says."""

from __future__ import annotations

from pathlib import Path

from cli.checks.domain import Response
from cli.checks.rules import Rule, Step
from cli.checks.usage import Mention, mentions, usage_faults
from knowledge.errors import Fault

GREET, HOURS = Response("utter_greet", "a.yml", 3, ()), Response("utter_item_hours", "a.yml", 5, ())
SAID = Mention("utter_greet", "say.py", 2)
BUILT = Mention("utter_item_{}", "say.py", 4)
TABLE = {"say.py utter_item_{}": frozenset(("utter_item_hours",))}


def test_whole_and_built_names_are_found_and_prose_is_not(tmp_path: Path) -> None:
    path = tmp_path / "say.py"
    path.write_text('"""Says utter_greet."""\nsay("utter_greet")\nsay(f"utter_ask_{slot}{again}")\nlog(f"{name} utter_no")\n', encoding="utf-8")
    assert mentions([path]) == [Mention("utter_greet", "say.py", 2), Mention("utter_ask_{}{}", "say.py", 3)]


def test_responses_that_are_said_and_exist_are_right() -> None:
    assert list(usage_faults([GREET, HOURS], [SAID, BUILT], [], TABLE)) == []


def test_a_name_that_the_domain_lacks_is_a_fault_where_it_is_said() -> None:
    assert list(usage_faults([], [SAID], [], {})) == [Fault("say.py", 2, "response 'utter_greet' is not in the domain")]


def test_a_built_name_that_the_domain_lacks_is_a_fault() -> None:
    assert list(usage_faults([], [BUILT], [], TABLE)) == [Fault("say.py", 4, "response 'utter_item_hours' is not in the domain")]


def test_a_built_name_without_an_entry_is_a_fault() -> None:
    assert list(usage_faults([], [BUILT], [], {})) == [
        Fault("say.py", 4, "'utter_item_{}' is built at run time: enter its names in cli/checks/usage.py")]


def test_an_entry_that_nothing_builds_is_a_fault() -> None:
    assert list(usage_faults([], [], [], TABLE)) == [Fault("cli/checks/usage.py", 1, "no code builds 'say.py utter_item_{}' any more")]


def test_a_response_that_nobody_says_is_a_fault() -> None:
    assert list(usage_faults([GREET, HOURS], [SAID], [], {})) == [Fault("a.yml", 5, "nobody says response 'utter_item_hours'")]


def test_a_rule_says_a_response_too() -> None:
    rule = Rule("greet", "", (Step("intent", "greet", 1), Step("action", "utter_greet", 2)), "rules.yml", 1)
    assert list(usage_faults([GREET], [], [rule], {})) == []
