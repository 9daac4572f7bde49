"""The one map from errors to HTTP."""

from __future__ import annotations

import pytest

from api import errors
from knowledge.errors import UnknownItem
from tickets import errors as ticket_errors

CODES = [kind.code for kind in vars(ticket_errors).values()
         if isinstance(kind, type) and issubclass(kind, ticket_errors.TicketError) and kind is not ticket_errors.TicketError]


@pytest.mark.parametrize("code", sorted({*CODES, UnknownItem.code}))
def test_every_error_of_the_domain_has_its_status(code: str) -> None:
    assert 400 <= errors.ERRORS[code][0] < 500


@pytest.mark.parametrize("code", sorted(errors.ERRORS))
def test_every_error_speaks_chinese(code: str) -> None:
    assert any("\u4e00" <= char <= "\u9fff" for char in errors.ERRORS[code][1])


def test_an_unknown_code_tells_nothing_of_itself() -> None:
    answer = errors.response("database password wrong")
    assert (answer.status_code, errors.body("x")["error"]["code"]) == (500, "internal_error")


@pytest.mark.parametrize(("fault", "message"), [
    ({"type": "value_error.any_str.max_length", "ctx": {"limit_value": 2000}, "msg": "ensure"}, "最多 2000 个字"),
    ({"type": "value_error.missing", "msg": "field required"}, "缺少这一项"),
    ({"type": "value_error.const", "ctx": {"permitted": ("咨询", "求助")}, "msg": "unexpected"}, "只能是咨询、求助"),
    ({"type": "value_error", "msg": "只能填一项"}, "只能填一项"),
    ({"type": "value_error.never_heard_of", "msg": "bad"}, "格式不对")])
def test_a_wrong_field_is_told_in_chinese(fault: dict[str, object], message: str) -> None:
    assert errors.field_message(fault) == message
