"""The rules against the domain: every intent has its rule, every name in a rule exists."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator

import yaml

from cli.checks.domain import Domain
from cli.checks.source import child, compose, elements, line_of, pairs, shown, text_of
from knowledge.errors import Fault

FALLBACK = "nlu_fallback"  # set by bot.components.intent_decision, declared by no domain
# rasa.shared.core.constants.DEFAULT_ACTION_NAMES of 3.6.21; importing it would load all of Rasa.
DEFAULT_ACTIONS = frozenset((
    "action_listen", "action_restart", "action_session_start", "action_default_fallback", "action_deactivate_loop",
    "action_revert_fallback_events", "action_default_ask_affirmation", "action_default_ask_rephrase", "action_two_stage_fallback",
    "action_unlikely_intent", "action_back", "action_extract_slots", "action_send_text", "action_validate_slot_mappings"))


@dataclass(frozen=True)
class Step:
    """One step or condition of a rule; `kind` is intent, action, active_loop or slot."""

    kind: str
    name: str
    line: int


@dataclass(frozen=True)
class Rule:
    """A rule; `form` is the form it holds inside of, '' outside forms."""

    name: str
    form: str
    steps: tuple[Step, ...]
    file: str
    line: int

    @property
    def intent(self) -> str:
        """The intent that it answers, '' when it follows something else."""
        return self.steps[0].name if self.steps and self.steps[0].kind == "intent" else ""


def read_rules(paths: Iterable[Path]) -> list[Rule]:
    """Read Rasa's rules; raise Unreadable."""
    found: list[Rule] = []
    for path in paths:
        for node in elements(child(compose(path), "rules")):
            conditions = list(_steps(child(node, "condition")))
            form = next((step.name for step in conditions if step.kind == "active_loop"), "")
            found.append(Rule(text_of(child(node, "rule")), form, (*_steps(child(node, "steps")), *conditions), shown(path), line_of(node)))
    return found


def _steps(node: yaml.Node | None) -> Iterator[Step]:
    for element in elements(node):
        for key, value in pairs(element):
            if key.value == "slot_was_set":
                for slot in elements(value):
                    name = next((inner for inner, _ in pairs(slot)), slot)
                    yield Step("slot", text_of(name), line_of(name))
            else:
                yield Step(str(key.value), text_of(value), line_of(key))


def rule_faults(domain: Domain, rules: Iterable[Rule]) -> Iterator[Fault]:
    """Yield intents without a rule outside forms, and steps that name what the domain does not know."""
    answered = {rule.intent for rule in rules if not rule.form}
    for intent in domain.intents:
        if intent.name not in answered:
            yield Fault(intent.file, intent.line, f"intent '{intent.name}' has no rule outside forms")
    if FALLBACK not in answered:
        yield Fault("bot/rules", 1, f"'{FALLBACK}' has no rule outside forms")
    forms = {form.name for form in domain.forms}
    known = {
        "intent": {intent.name for intent in domain.intents} | {FALLBACK},
        "action": {named.name for named in (*domain.actions, *domain.responses)} | forms | DEFAULT_ACTIONS,
        "active_loop": forms | {""},
        "slot": {slot.name for slot in domain.slots} | {"requested_slot"},
    }
    for rule in rules:
        for step in rule.steps:
            if step.kind not in known:
                yield Fault(rule.file, step.line, f"rule '{rule.name}' has a step of unknown kind '{step.kind}'")
            elif step.name not in known[step.kind]:
                yield Fault(rule.file, step.line, f"rule '{rule.name}' names {step.kind} '{step.name}', which does not exist")
