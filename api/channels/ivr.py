"""The phone: an exchange with an ivr key brings words or keys and gets a prompt and an action."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, constr, root_validator

from api.calls import Calls, Heard, Spoken, caller_number, conversation_id
from api.gateway import Gateway, gateway_of
from api.keys import key_of
from api.ports import Key
from api.schemas import CHAT_LIMIT, RegionCode, failures

router = APIRouter(prefix="/v1/ivr", tags=["电话"])
IvrKey = Annotated[Key, Depends(key_of("ivr"))]
TheGateway = Annotated[Gateway, Depends(gateway_of)]
_CALL = r"^[A-Za-z0-9_.:@\-]{1,64}$"
CallId = Annotated[str, Path(regex=_CALL, example="20261101-000123")]


class NewCall(BaseModel):
    call_id: constr(regex=_CALL)  # type: ignore[valid-type]
    caller: constr(max_length=64) | None = None  # type: ignore[valid-type]
    region: RegionCode | None = None

    class Config:
        schema_extra = {"example": {"call_id": "20261101-000123", "caller": "13812345678", "region": "370102"}}


class CallTurn(BaseModel):
    """Exactly one of text, dtmf and silence."""

    text: constr(max_length=CHAT_LIMIT, strip_whitespace=True) | None = None  # type: ignore[valid-type]
    dtmf: constr(regex=r"^[0-9*#]{1,32}$") | None = None  # type: ignore[valid-type]
    silence: bool | None = None
    confidence: float | None = Field(None, ge=0, le=1)

    @root_validator(skip_on_failure=True)
    def one_of_three(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = [values["text"] is not None, values["dtmf"] is not None, bool(values["silence"])]
        if sum(given) != 1:
            raise ValueError("text、dtmf、silence 要填其中一项，也只能填一项")
        return values

    class Config:
        schema_extra = {"example": {"text": "小区门口路灯坏了一个月没人修", "confidence": 0.92}}


class CallEnd(BaseModel):
    reason: constr(min_length=1, max_length=100, strip_whitespace=True)  # type: ignore[valid-type]

    class Config:
        schema_extra = {"example": {"reason": "caller_hung_up"}}


class CallAnswer(BaseModel):
    """What the exchange says and does next."""

    prompt: str
    expects: Literal["speech", "dtmf", "both", "none"]
    options: list[str]
    action: Literal["continue", "transfer", "hangup"]
    transfer_to: str | None = None
    outcome: str


@router.post("/calls", response_model=CallAnswer, response_model_exclude_none=True,
             responses=failures(401, 403), summary="电话接入")
async def begin(body: NewCall, key: IvrKey, gateway: TheGateway) -> Any:
    region = gateway.region(body.region)
    return _told(await Calls(gateway).begin(conversation_id(key.id, body.call_id), caller_number(body.caller), region))


@router.post("/calls/{call_id}/turns", response_model=CallAnswer, response_model_exclude_none=True,
             responses=failures(401, 403, 404, 409), summary="来电人说了一句话或按了键")
async def turn(call_id: CallId, body: CallTurn, key: IvrKey, gateway: TheGateway) -> Any:
    text = (body.text or "").replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
    heard = Heard(text, body.dtmf or "", body.confidence)
    return _told(await Calls(gateway).turn(conversation_id(key.id, call_id), heard))


@router.post("/calls/{call_id}/end", status_code=204, responses=failures(401, 403, 404, 409), summary="电话结束")
async def end(call_id: CallId, body: CallEnd, key: IvrKey, gateway: TheGateway) -> None:
    await Calls(gateway).end(conversation_id(key.id, call_id), body.reason)


def _told(spoken: Spoken) -> dict[str, Any]:
    return {"prompt": spoken.prompt, "expects": spoken.expects, "options": list(spoken.options), "action": spoken.action,
            "transfer_to": spoken.transfer_to, "outcome": spoken.outcome}
