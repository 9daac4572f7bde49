"""From an item and the facet asked about to the reply: which response to word, with which values."""

from __future__ import annotations

import re
from typing import Mapping

from core.regions import RegionTree
from knowledge import wording
from knowledge.catalogue import CatalogueData
from knowledge.event_answer import event_reply
from knowledge.facets import facet_of
from knowledge.holding import holding, said_here, said_places
from knowledge.load import Department
from knowledge.model import Facet, Item, Reply
from knowledge.plan import plan

THIS_LINE = "12345"  # the caller is there already: it is no advice to call it
# These offer a person or a ticket.
ASKS_PERSON = frozenset({"utter_facet_unknown", "utter_facet_unknown_here", "utter_item_phone_here", "utter_item_pays", "utter_item_elsewhere"})
PAYS = re.compile(r"津贴|补贴|保险金|生活保障|救助")
OUR_SERVICE = "本热线服务说明"  # how this very hotline works: told without a source, for the speaker is the source


class CatalogueAnswerer:
    """Answers from the catalogue alone; what is not known is said to be unknown, with the number to ask."""

    def __init__(self, catalogue: CatalogueData, departments: Mapping[str, Department], regions: RegionTree = RegionTree(()),
                 sites: Mapping[str, str] | None = None) -> None:
        """`regions` name the places where an item holds alone, `sites` tell where an online channel is."""
        self._catalogue = catalogue
        self._regions = regions
        self._departments = departments
        self._sites = sites or {}

    def about(self, code: str, facet: Facet | None, region: str | None = None, asked: str | None = None) -> Reply:
        """Return the reply about a record; `asked` is the name that matched, which may be one of its questions.

        Of an item that does not hold in `region` nothing is told but where it does; with no region known, its place comes with the answer.
        Raises UnknownItem.
        """
        if code in self._catalogue.policy_by_code:
            policy = self._catalogue.policy(code)
            year, _, month = policy.stated_on.partition("-")
            when = f"{year}年{int(month[:2])}月" if month else f"{year}年"
            response = "utter_policy_ours" if policy.document == OUR_SERVICE else "utter_policy"
            return Reply(response, {"answer": wording.sentence(policy.answer), "document": policy.document, "when": when},
                         wording.policy_card(policy, when))
        if code in self._catalogue.event_by_code:
            event = self._catalogue.event_by_code[code]
            steps = self._catalogue.steps_of(event, region)
            return event_reply(event, plan(event, steps), steps, self._departments, facet, asked)
        item = self._catalogue.item(code, region)
        # A list that was imported names its agencies as it likes.
        department = self._departments.get(item.department) or Department(item.department, item.department, THIS_LINE)
        phone = item.phone or department.phone
        places, state = said_places(item.only_in, self._regions), holding(item.only_in, region)
        if state == "elsewhere":
            here = said_here(item.only_in, region or "", self._regions)
            return Reply("utter_item_elsewhere", {"name": item.name, "places": places, "here": here})
        card = wording.card(item, phone, places, self._sites)
        base = {"name": self.place_and_name(code) if state == "perhaps" else item.name, "phone": phone, "department": department.name,
                "where": f"在{places}，" if state == "perhaps" else ""}
        found = self._facet(item, facet, phone)
        for question in item.questions:
            # 丧葬费上哪领 comes near the item's question 丧葬费发多少, but the place is known and is what was asked.
            if question.ask == asked and (facet is None or found is None or facet == facet_of(question.ask)):
                return Reply("utter_item_question", base | {"answer": wording.sentence(question.answer)}, card)
        if found is None:
            facet_name = wording.FACET_NAMES[facet] if facet else "情况"
            response = "utter_facet_unknown_here" if phone == THIS_LINE else "utter_facet_unknown"
            return Reply(response, base | {"facet": facet_name}, card)
        response, values = found
        return Reply(response, base | values, card)

    def name_of(self, code: str) -> str:
        """Return the official name of a record; raise UnknownItem."""
        return self._catalogue.record(code).name

    def place_and_name(self, code: str) -> str:
        """Return the official name with the places where alone the record holds: 青岛市的路灯登记; raise UnknownItem."""
        places = self.places_of(code)
        return f"{places}的{self.name_of(code)}" if places else self.name_of(code)

    def places_of(self, code: str) -> str:
        """Return the places where alone a record holds, as spoken; "" for everywhere. Raises UnknownItem."""
        record = self._catalogue.record(code)
        return said_places(record.only_in, self._regions) if isinstance(record, Item) else ""

    def names_of(self, code: str) -> tuple[str, ...]:
        """Return every way to say a record; raise UnknownItem."""
        record = self._catalogue.record(code)
        return (record.name, *record.aliases)

    def _facet(self, item: Item, facet: Facet | None, phone: str) -> tuple[str, dict[str, str]] | None:
        """The response and values for one facet, None when it is not known."""
        if facet is None:
            return ("utter_item_summary", {"summary": wording.sentence(item.summary)}) if item.summary else ("utter_item_named", {})
        if facet == "phone":
            return ("utter_item_phone_here", {}) if phone == THIS_LINE else ("utter_item_phone", {"phone": phone})
        if facet == "materials" and item.materials:
            return self._materials(item)
        if facet == "time_limit" and (item.legal_limit or item.promised_limit):
            return self._limits(item)
        if facet == "time_limit" and item.no_limit:
            return "utter_item_no_limit", {"otherwise": wording.clause(item.no_limit)}
        if facet == "fee" and item.fee:
            if not item.fee.charged and PAYS.search(item.name):
                return "utter_item_pays", {}  # who asks 多少钱 of an allowance wants to know what he gets
            if not item.fee.charged:
                return "utter_item_free", {"note": wording.sentence(item.fee.note)}
            return ("utter_item_fee", {"amount": wording.clause(wording.fee(item.fee))}) if item.fee.amount else None
        if facet == "online" and item.online:
            note = wording.sentence(item.online.note)
            channel = f"，走{item.online.channel}" if item.online.channel else ""
            return ("utter_item_online", {"channel": channel, "note": note}) if item.online.available else ("utter_item_offline", {"note": note})
        if facet == "visits" and item.visits is not None:
            return ("utter_item_no_visit", {}) if item.visits == 0 else ("utter_item_visits", {"visits": str(item.visits)})
        if facet == "location" and item.location:
            return "utter_item_location", {"location": wording.clause(item.location), "reach": f"，{item.reach}" if item.reach else ""}
        if facet == "result" and item.result:
            validity = f"，有效期{item.result.validity}" if item.result.validity else ""
            return "utter_item_result", {"result": item.result.name + validity}
        if facet == "process" and item.process:
            return "utter_item_process", {"process": wording.steps(item.process)}
        plain = {"hours": item.hours, "conditions": item.conditions, "basis": "、".join(item.basis)}.get(facet)
        return (f"utter_item_{facet}", {facet: wording.clause(plain)}) if plain else None

    def _materials(self, item: Item) -> tuple[str, dict[str, str]]:
        always = [wording.material(m) for m in item.materials if m.required]
        sometimes = [m.name for m in item.materials if not m.required]
        values = {
            "materials": "、".join(always),
            "sometimes": f"有的情况还要{'、'.join(sometimes)}。" if sometimes else "",
            "not_required": f"{'、'.join(item.not_required)}不用带了。" if item.not_required else "",
        }
        return ("utter_item_materials", values) if always else ("utter_item_materials_sometimes", values)

    def _limits(self, item: Item) -> tuple[str, dict[str, str]]:
        values = {title: wording.limit_with_note(value)
                  for title, value in (("legal", item.legal_limit), ("promised", item.promised_limit)) if value}
        if len(values) == 2:
            return "utter_item_both_limits", values
        if item.promised_limit:
            return "utter_item_promised_limit", values
        if item.legal_limit and item.legal_limit.value == 0:
            return "utter_item_at_once", {"note": wording.sentence(item.legal_limit.note)}
        return "utter_item_legal_limit", values
