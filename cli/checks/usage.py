"""Responses that the code says against those that the domain has."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator, Mapping

from cli.checks.domain import Domain, Response
from cli.checks.rules import Rule
from cli.checks.source import shown
from knowledge.errors import Fault

_NAME = re.compile(r"utter_\w+")
SAID_BY_RASA = frozenset(("utter_default",))  # action_default_fallback


@dataclass(frozen=True)
class Mention:
    """A response named in code; a name built at run time has `{}` for each value."""

    name: str
    file: str
    line: int

    @property
    def built(self) -> bool:
        return "{}" in self.name

    @property
    def place(self) -> str:
        """How `built_names` knows it: file and form."""
        return f"{self.file} {self.name}"


def built_names(domain: Domain) -> dict[str, frozenset[str]]:
    """Return what each name built at run time can become, by file and form. A new f-string must be entered here."""
    asked = {slot for form in domain.forms if form.name == "ticket_form" for slot in form.slots}
    looked_up = ("number", "proof", "detail_supplement", "detail_rate", "detail_withdraw")
    asked_again = (*(name + again for name in looked_up for again in ("", "_again")), "why")  # a reason is asked for once
    return {
        "knowledge/answer.py utter_item_{}": _join("utter_item_", ("hours", "conditions", "basis")),
        "actions/ticket_form.py utter_ask_{}": _join("utter_ask_", asked),
        "actions/lookup_form.py utter_ask_{}{}{}": _join("utter_ask_", asked_again),
        "actions/lookup_form.py utter_{}": _join("utter_", ("ticket_status", "ticket_urged", "ticket_added", "ticket_withdrawn", "rated")),
        "api/responder.py utter_{}": _join("utter_", ("emergency_110", "emergency_119", "emergency_120", "emergency_122", "crisis")),
    }


def _join(prefix: str, ends: Iterable[str]) -> frozenset[str]:
    return frozenset(prefix + end for end in ends)


def mentions(paths: Iterable[Path]) -> list[Mention]:
    """Return every string of the code that is the name of a response, whole or built."""
    found: list[Mention] = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            name = _name(node) if id(node) not in inside else ""
            if name:
                found.append(Mention(name, shown(path), node.lineno))  # type: ignore[attr-defined]  # an expression has a line
    return found


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value):
        return node.value
    if isinstance(node, ast.JoinedStr):
        form = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        return form if form.startswith("utter_") else ""
    return ""


def usage_faults(responses: Iterable[Response], named: Iterable[Mention], rules: Iterable[Rule],
                 built: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """Yield names that the domain lacks, responses that nobody says, and built names that `built` does not list."""
    known = {response.name for response in responses}
    used = set(SAID_BY_RASA) | {step.name for rule in rules for step in rule.steps if step.kind == "action"}
    for mention in named:
        if mention.built and mention.place not in built:
            yield Fault(mention.file, mention.line, f"'{mention.name}' is built at run time: enter its names in cli/checks/usage.py")
        names = built.get(mention.place, frozenset()) if mention.built else frozenset((mention.name,))
        used |= names
        for name in sorted(names - known):
            yield Fault(mention.file, mention.line, f"response '{name}' is not in the domain")
    for response in responses:
        if response.name not in used:
            yield Fault(response.file, response.line, f"nobody says response '{response.name}'")
    for place in sorted(set(built) - {mention.place for mention in named}):
        yield Fault("cli/checks/usage.py", 1, f"no code builds '{place}' any more")
