"""config.yml against what its components know: Rasa ignores an unknown key without a word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Iterator

from cli.checks.source import child, compose, elements, line_of, pairs, shown, text_of
from knowledge.errors import Fault


@dataclass(frozen=True)
class Configured:
    """One component or policy of config.yml: its keys with their lines."""

    name: str
    keys: tuple[tuple[str, int], ...]
    file: str
    line: int


def read_config(path: Path) -> list[Configured]:
    """Read pipeline and policies; raise Unreadable."""
    document = compose(path)
    return [Configured(text_of(child(node, "name")), tuple((str(key.value), line_of(key)) for key, _ in pairs(node) if key.value != "name"),
                       shown(path), line_of(node))
            for section in ("pipeline", "policies") for node in elements(child(document, section))]


def rasa_defaults(name: str) -> frozenset[str] | None:
    """Return the keys that a component knows, by its own get_default_config; None when there is no such component."""
    # Imported here: Rasa takes seconds to import and the other checks do without it.
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.exceptions import RasaException
    try:
        # The registry has no public door, and a component's class is found in no other way.
        component = DefaultV1Recipe._from_registry(name)
    except (RasaException, ImportError, AttributeError):
        return None
    return frozenset(component.clazz.get_default_config())


def config_faults(configured: Iterable[Configured], defaults: Callable[[str], frozenset[str] | None]) -> Iterator[Fault]:
    """Yield components that do not exist, and keys that a component does not know."""
    for component in configured:
        known = defaults(component.name)
        if known is None:
            yield Fault(component.file, component.line, f"there is no component '{component.name}'")
            continue
        for key, line in component.keys:
            if key not in known:
                yield Fault(component.file, line, f"'{component.name}' knows no key '{key}'")
