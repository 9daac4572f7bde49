"""The questions that only special queues ask; when and in which order, tickets.queues says."""

from __future__ import annotations

from actions import queues
from actions.ticket_form import AskOne
from actions.wiring import parts
from tickets.draft import Draft


class AskOffice(AskOne):
    question = "office"

    def wording(self, draft: Draft, wrong: bool) -> tuple[str, dict[str, str]]:
        return "utter_ask_office", {"offices": "、".join(queues.near(draft, parts()))}

    def options(self, draft: Draft, response: str) -> list[str] | None:
        return queues.near(draft, parts())


class AskItem(AskOne):
    question = "item"


class AskMoment(AskOne):
    question = "moment"


class AskEnterprise(AskOne):
    question = "enterprise"


class AskPublish(AskOne):
    question = "publish"

    def options(self, draft: Draft, response: str) -> list[str] | None:
        return ["同意", "不同意"]


class AskProxy(AskOne):
    question = "proxy"

    def options(self, draft: Draft, response: str) -> list[str] | None:
        return ["我自己到场", "替我办"]


class AskCase(AskOne):
    question = "case"
