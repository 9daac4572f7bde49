"""Reads items, policy answers and departments from YAML; every fault is named with file and line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Iterable, TypeVar, cast

import yaml

from knowledge.errors import Fault
from knowledge.model import Fee, Item, Limit, Material, Online, Policy, Question, Result
from knowledge.reader import LINE, Reader

KINDS = ("行政许可", "行政确认", "行政给付", "行政裁决", "行政奖励", "行政征收", "公共服务", "其他行政权力")
UNITS = ("工作日", "自然日", "小时", "分钟", "个月")
REACHES = ("全国通办", "全省通办", "全市通办", "辖区办理")
T = TypeVar("T")


@dataclass(frozen=True)
class Department:
    """A type of department: its full name at city level and the number to ask."""

    short: str
    name: str
    phone: str


class _Lines(yaml.CSafeLoader):
    """A safe loader that remembers the line on which each mapping starts."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key.value}' stands twice", key.start_mark)
            seen.add(key.value)
        mapping = cast("dict[Any, Any]", super().construct_mapping(node, deep=deep))
        mapping[LINE] = node.start_mark.line + 1
        return mapping

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:  # 2026-13-01 looks like a date and is none
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None


def read_yaml(path: Path, faults: list[Fault]) -> Any:
    """Return the document with line marks, or None and a fault when it cannot be parsed."""
    try:
        return yaml.load(path.read_bytes(), Loader=_Lines)  # noqa: S506  # a safe loader, see above
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.append(Fault(path.name, mark.line + 1 if mark else 1, f"no valid YAML: {getattr(error, 'problem', error)}"))
        return None


def _material(reader: Reader) -> Material:
    required = reader.get("required", bool)
    return Material(reader.text("name"), reader.maybe("form"), reader.get("copies", int), reader.maybe("source"),
                    True if required is None else required, reader.maybe("note"))


def _limit(reader: Reader) -> Limit:
    value = reader.get("value", int, required=True)
    return Limit(value or 0, cast(Any, reader.choice("unit", UNITS)), reader.maybe("note"))


def _fee(reader: Reader) -> Fee:
    charged = reader.get("charged", bool, required=True)
    return Fee(bool(charged), reader.maybe("amount"), reader.maybe("basis"), reader.maybe("note"))


def _online(reader: Reader) -> Online:
    return Online(bool(reader.get("available", bool, required=True)), reader.maybe("channel"), reader.maybe("note"))


def _result(reader: Reader) -> Result:
    return Result(reader.text("name"), reader.maybe("validity"))


def _question(reader: Reader) -> Question:
    return Question(reader.text("ask"), reader.text("answer"))


def _limits(reader: Reader) -> tuple[Limit | None, Limit | None]:
    return reader.part("legal", _limit), reader.part("promised", _limit)


def _details(reader: Reader) -> dict[str, Any]:
    """The fields that a regional variant may set as well; only those present, so that a variant keeps the rest."""
    legal, promised = reader.part("limit", _limits) or (None, None)
    reach = reader.choice("reach", REACHES) if reader.raw.get("reach") else None
    found: dict[str, Any] = {
        "summary": reader.maybe("summary"), "conditions": reader.maybe("conditions"),
        "materials": reader.parts("materials", _material), "not_required": reader.texts("not_required"),
        "process": reader.texts("process"), "legal_limit": legal, "promised_limit": promised,
        "fee": reader.part("fee", _fee), "location": reader.maybe("location"), "hours": reader.maybe("hours"),
        "phone": reader.maybe("phone"), "online": reader.part("online", _online), "visits": reader.get("visits", int),
        "reach": reach, "result": reader.part("result", _result), "questions": reader.parts("questions", _question),
    }
    return {key: value for key, value in found.items() if value not in (None, ())}


def _item(topic: str, departments: Iterable[str]) -> Callable[[Reader], tuple[Item, tuple[Item, ...]]]:
    def build(reader: Reader) -> tuple[Item, tuple[Item, ...]]:
        item = Item(
            code=reader.text("code"), name=reader.text("name"), topic=topic, kind=reader.choice("kind", KINDS),
            action=reader.text("action"), subject=reader.texts("subject", at_least=1),
            department=reader.choice("department", tuple(departments)), aliases=reader.texts("aliases", at_least=3),
            basis=reader.texts("basis", at_least=1), as_of=reader.day("as_of"),
            source=f"{reader.file}:{reader.line}", **_details(reader))

        def variant(inner: Reader) -> Item:
            basis = inner.texts("basis") or item.basis
            return replace(item, region=inner.text("region"), basis=basis, source=f"{inner.file}:{inner.line}",
                           **_details(inner))

        return item, reader.parts("variants", variant)

    return build


def _policy(topic: str) -> Callable[[Reader], Policy]:
    def build(reader: Reader) -> Policy:
        return Policy(reader.text("code"), reader.text("name"), topic, reader.texts("aliases", at_least=3),
                      reader.text("answer"), reader.text("document"), reader.text("stated_on"), reader.day("as_of"),
                      f"{reader.file}:{reader.line}")
    return build


def _load(folder: Path, key: str, build: Callable[[str], Callable[[Reader], T]], faults: list[Fault]) -> tuple[T, ...]:
    found: list[T] = []
    for path in sorted(folder.glob("*.yml")):
        raw = read_yaml(path, faults)
        if raw is not None:
            reader = Reader(raw, path.name, 1, faults)
            found.extend(reader.parts(key, build(reader.text("topic"))))
            reader.close()
    return tuple(found)


def load_departments(path: Path, faults: list[Fault]) -> dict[str, Department]:
    """Read the table of departments: short name → full name and number to ask."""
    raw = Reader(read_yaml(path, faults), path.name, 1, faults)
    found = {}
    for short in raw.raw:
        if short != LINE:
            inner = Reader(raw.raw[short], path.name, raw.line, faults)
            found[short] = Department(short, inner.text("name"), inner.text("phone"))
            inner.close()
    return found


def load_items(folder: Path, departments: Iterable[str], faults: list[Fault]) -> tuple[tuple[Item, tuple[Item, ...]], ...]:
    """Read every item with its regional variants, in the order of file names."""
    return _load(folder, "items", lambda topic: _item(topic, departments), faults)


def load_policies(folder: Path, faults: list[Fault]) -> tuple[Policy, ...]:
    """Read every policy answer."""
    return _load(folder, "policies", _policy, faults)
