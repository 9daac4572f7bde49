"""What an exchange or a voice browser sends: JSON with a key, or the fields of a form with the token of the call."""

from __future__ import annotations

import json
from typing import Any, Mapping, TypeVar
from urllib.parse import parse_qsl

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.phone.voicexml import MEDIA_TYPE

_FORM = "application/x-www-form-urlencoded"
_FIELDS = 20
Body = TypeVar("Body", bound=BaseModel)


def is_form(request: Request) -> bool:
    """Whether the request comes as a voice browser submits: GET, or POST of a form."""
    return request.method == "GET" or request.headers.get("content-type", "").split(";")[0].strip().lower() == _FORM


def wants_voicexml(request: Request) -> bool:
    """Whether VoiceXML is to be answered: asked for, or a form whose sender did not ask for JSON."""
    accepted = request.headers.get("accept", "")
    return MEDIA_TYPE in accepted or (is_form(request) and "application/json" not in accepted)


async def fields_of(request: Request) -> Mapping[str, Any]:
    """Return what was sent; raise RequestValidationError for JSON that is none. Empty fields of a form count as not sent."""
    if not is_form(request):
        try:
            sent = json.loads(await request.body())
        except ValueError:
            raise RequestValidationError([{"type": "json_invalid", "loc": ("body",), "msg": "not JSON"}]) from None
        if not isinstance(sent, dict):
            raise RequestValidationError([{"type": "type_error.dict", "loc": ("body",), "msg": "not an object"}])
        return sent
    raw = request.url.query if request.method == "GET" else (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(raw, max_num_fields=_FIELDS, encoding="utf-8", errors="replace")
    except ValueError:
        raise RequestValidationError([{"type": "value_error", "loc": ("body",), "msg": "too many fields"}]) from None
    return dict(pairs)


def turn_fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a turn from a form: a browser names them all and fills one; what it cannot say is no reason to drop a call."""
    told = {name: sent[name] for name in ("text", "dtmf", "silence") if sent.get(name)}
    if "dtmf" in told:
        told = {"dtmf": "".join(told["dtmf"].split())}
    elif "text" in told or told.get("silence") not in ("true", "1"):
        told = {"text": told.get("text", "")}
    try:
        sure = float(sent.get("confidence", ""))
        return {**told, "confidence": min(max(sure / 100 if sure > 1 else sure, 0.0), 1.0)} if sure == sure else told
    except ValueError:
        return told


def validated(model: type[Body], sent: Mapping[str, Any]) -> Body:
    """Return the body; raise RequestValidationError as FastAPI itself does."""
    try:
        return model(**{str(name): value for name, value in sent.items()})
    except ValidationError as error:
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]) from None
