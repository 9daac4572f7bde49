"""A record as a plain mapping in the form of docs/knowledge-format.md, and back: what files, the store and exchanges hold."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any, TypeVar, cast

from knowledge.errors import Fault, KnowledgeFaulty
from knowledge.model import Fee, Item, Limit, Material, Online, Policy, Question, Result
from knowledge.reader import Reader

KINDS = ("行政许可", "行政确认", "行政给付", "行政裁决", "行政奖励", "行政征收", "公共服务", "其他行政权力")
REGION = re.compile(r"\d{6}", re.ASCII)
UNITS = ("工作日", "自然日", "小时", "分钟", "个月")
LONGEST_NAME = 120  # characters; nobody says more in one breath, and every name is compared with every call
REACHES = ("全国通办", "全省通办", "全市通办", "辖区办理")
Document = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Demands:
    """What a record must bring: a curated one more than one that another system sent."""

    aliases: int = 0
    basis: int = 0
    action: bool = False


CURATED = Demands(aliases=4, basis=1, action=True)
IMPORTED = Demands()


def _material(reader: Reader) -> Material:
    required = reader.get("required", bool)
    return Material(reader.text("name"), reader.maybe("form"), reader.get("copies", int), reader.maybe("source"),
                    True if required is None else required, reader.maybe("note"))


def read_limit(reader: Reader) -> Limit:
    """Return a time limit."""
    value = reader.get("value", int, required=True)
    return Limit(value or 0, cast(Any, reader.choice("unit", UNITS)), reader.maybe("note"))


def _fee(reader: Reader) -> Fee:
    charged = reader.get("charged", bool, required=True)
    return Fee(bool(charged), reader.maybe("amount"), reader.maybe("basis"), reader.maybe("note"))


def _online(reader: Reader) -> Online:
    return Online(bool(reader.get("available", bool, required=True)), reader.maybe("channel"), reader.maybe("note"))


def _result(reader: Reader) -> Result:
    return Result(reader.text("name"), reader.maybe("validity"))


def read_question(reader: Reader) -> Question:
    """Return a question that callers always ask, with its answer."""
    return Question(reader.text("ask"), reader.text("answer"))


def _limits(reader: Reader) -> tuple[Limit | None, Limit | None, str | None]:
    legal, promised, otherwise = reader.part("legal", read_limit), reader.part("promised", read_limit), reader.maybe("otherwise")
    if otherwise and (legal or promised):
        reader.fault("a limit has a number or 'otherwise', not both")
    return legal, promised, otherwise


def _details(reader: Reader) -> dict[str, Any]:
    """The fields that a regional variant may set as well; only those present, so that a variant keeps the rest."""
    legal, promised, otherwise = reader.part("limit", _limits) or (None, None, None)
    reach = reader.choice("reach", REACHES) if reader.raw.get("reach") else None
    found: dict[str, Any] = {
        "summary": reader.maybe("summary"), "conditions": reader.maybe("conditions"),
        "materials": reader.parts("materials", _material), "not_required": reader.texts("not_required"),
        "process": reader.texts("process"), "legal_limit": legal, "promised_limit": promised, "no_limit": otherwise,
        "fee": reader.part("fee", _fee), "location": reader.maybe("location"), "hours": reader.maybe("hours"),
        "phone": reader.maybe("phone"), "online": reader.part("online", _online), "visits": reader.get("visits", int),
        "reach": reach, "result": reader.part("result", _result), "questions": reader.parts("questions", read_question),
    }
    return {key: value for key, value in found.items() if value not in (None, ())}


def item_builder(topic: str | None, demands: Demands, departments: Sequence[str] | None) -> Callable[[Reader], tuple[Item, tuple[Item, ...]]]:
    """Return what builds an item with its variants; without `topic` the record names it, without `departments` any is taken."""
    def build(reader: Reader) -> tuple[Item, tuple[Item, ...]]:
        item = Item(
            code=reader.text("code"), name=reader.text("name"), topic=topic or reader.text("topic"), kind=reader.choice("kind", KINDS),
            action=reader.text("action") if demands.action else reader.maybe("action") or "",
            subject=reader.texts("subject", at_least=1),
            department=reader.text("department") if departments is None else reader.choice("department", departments),
            aliases=reader.texts("aliases", at_least=demands.aliases), basis=reader.texts("basis", at_least=demands.basis),
            as_of=reader.day("as_of"), valid_from=reader.maybe_day("valid_from"), valid_to=reader.maybe_day("valid_to"),
            only_in=tuple(sorted(set(reader.texts("only_in")))),
            national=tuple(sorted(reader.table("national").items())), source=f"{reader.file}:{reader.line}", **_details(reader))
        for name in (item.code, item.name, *item.aliases):
            if len(name) > LONGEST_NAME:
                reader.fault(f"a code or name has {len(name)} characters, more than {LONGEST_NAME}")
        for region in item.only_in:
            if not REGION.fullmatch(region):
                reader.fault(f"'only_in' holds {region[:20]!r}, which is no code of six digits")
        if item.valid_from and item.valid_to and item.valid_from > item.valid_to:
            reader.fault("'valid_from' lies after 'valid_to'")

        def variant(inner: Reader) -> Item:
            told = _details(inner)
            if "no_limit" in told:
                told |= {"legal_limit": None, "promised_limit": None}
            elif "legal_limit" in told or "promised_limit" in told:
                told["no_limit"] = None
            basis = inner.texts("basis") or item.basis
            return replace(item, region=inner.text("region"), basis=basis, source=f"{inner.file}:{inner.line}", **told)

        return item, reader.parts("variants", variant)

    return build


def policy_builder(topic: str | None) -> Callable[[Reader], Policy]:
    """Return what builds a policy answer; without `topic` the record names it."""
    def build(reader: Reader) -> Policy:
        return Policy(reader.text("code"), reader.text("name"), topic or reader.text("topic"), reader.texts("aliases", at_least=3),
                      reader.text("answer"), reader.text("document"), reader.text("stated_on"), reader.day("as_of"),
                      f"{reader.file}:{reader.line}")
    return build


def read_item(document: Mapping[str, Any], demands: Demands = IMPORTED, departments: Sequence[str] | None = None,
              where: str = "record") -> tuple[Item, tuple[Item, ...]]:
    """Return the item and its regional variants that a document holds; raise KnowledgeFaulty with every fault."""
    return read(document, item_builder(None, demands, departments), where)


def read_policy(document: Mapping[str, Any], where: str = "record") -> Policy:
    """Return the policy answer that a document holds; raise KnowledgeFaulty with every fault."""
    return read(document, policy_builder(None), where)


def write_item(item: Item, variants: Sequence[Item] = ()) -> Document:
    """Return the canonical document of an item: equal records give equal documents, unknown fields are absent."""
    document = {name: plain(getattr(item, name)) for name in _HEAD} | _written(item) | {"national": dict(item.national)}
    document["variants"] = [{"region": variant.region} | {key: value for key, value in _written(variant).items()
                                                          if value != document.get(key)} for variant in variants]
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}


def write_policy(policy: Policy) -> Document:
    """Return the canonical document of a policy answer."""
    return {name: plain(getattr(policy, name)) for name in _POLICY}


def digest(document: Mapping[str, Any]) -> str:
    """Return 64 hexadecimal digits that are equal only for equal documents."""
    return hashlib.sha256(text_of(document).encode()).hexdigest()


def text_of(document: Mapping[str, Any]) -> str:
    """Return the one JSON text of a document."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_HEAD = ("code", "name", "topic", "kind", "action", "subject", "department", "aliases", "as_of", "valid_from", "valid_to", "only_in")
_BODY = ("summary", "conditions", "materials", "not_required", "process", "fee", "location", "hours", "phone", "online",
         "visits", "reach", "result", "basis", "questions")
_POLICY = ("code", "name", "topic", "aliases", "answer", "document", "stated_on", "as_of")


def _written(item: Item) -> Document:
    limits = {"legal": plain(item.legal_limit), "promised": plain(item.promised_limit), "otherwise": item.no_limit}
    return {name: plain(getattr(item, name)) for name in _BODY} | {"limit": {k: v for k, v in limits.items() if v} or None}


def plain(value: Any) -> Any:
    """Return any part of a record as JSON holds it: dates as ISO text, tuples as lists, unknown parts absent."""
    if value is None or isinstance(value, (str, int)):  # most of a record
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if is_dataclass(value):
        told = {part.name: getattr(value, part.name) for part in fields(value)}
        if isinstance(value, Material) and value.required:
            del told["required"]
        return {key: plain(entry) for key, entry in told.items() if entry is not None}
    return value


def read(document: Mapping[str, Any], build: Callable[[Reader], T], where: str) -> T:
    """Return what `build` makes of a document; raise KnowledgeFaulty with every fault, keys unknown to the format among them."""
    faults: list[Fault] = []
    reader = Reader(document, where, 1, faults)
    built = build(reader)
    reader.close()
    if faults:
        raise KnowledgeFaulty(tuple(faults))
    return built
