"""The only map from error codes to HTTP; every error leaves as {"error": {code, message, field?}} in Chinese."""

from __future__ import annotations

from typing import Any, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from tickets.errors import TicketChanged
from tickets.model import ActRefused
from tickets.transitions import roles_for
from tickets.vocabulary import Role

# code: (status, what the reader is told). Domain errors carry the same codes.
ERRORS: Mapping[str, tuple[int, str]] = {
    "invalid_request": (422, "请求内容不对，请检查后再发"),
    "invalid_json": (422, "请求内容不是正确的 JSON"),
    "unknown_region": (422, "没有这个区划代码，请用山东省内的六位代码"),
    "invalid_ticket": (422, "工单内容不完整，请补充后再提交"),
    "proof_required": (422, "请提供留下的手机号后四位；匿名、保密和举报的工单请提供查询码"),
    "unauthorised": (401, "身份没有通过，请检查密钥或令牌"),
    "forbidden": (403, "这个密钥没有权限做这件事"),
    "not_found": (404, "没有这个地址"),
    "item_not_found": (404, "没有找到这个事项"),
    "session_not_found": (404, "这次会话已经过期，请重新开始"),
    "call_not_found": (404, "没有这通电话的记录，请先接入"),
    "ticket_not_found": (404, "没有找到对应的工单，请核对单号和手机号后四位或查询码"),
    "conversation_not_found": (404, "没有这个会话"),
    "photo_not_found": (404, "没有找到这张照片"),
    "method_not_allowed": (405, "这个地址不支持这种请求方法"),
    "call_ended": (409, "这通电话已经结束"),
    "turn_in_progress": (409, "上一句还在处理，请稍等再发"),
    "conversation_taken": (409, "这个会话已经由别的工作人员接待"),
    "conversation_not_claimed": (409, "请先接入这个会话"),
    "call_is_spoken": (409, "这是一通电话，请在电话里跟来电人说"),
    "call_passed_on": (409, "请在话机上转接，情况已经发过去了"),
    "transition_refused": (409, "工单现在的状态不能这样做"),
    "already_rated": (409, "这次服务已经评价过了，每次只评价一次"),
    "nothing_to_rate": (409, "这次还没有为您办什么，聊完了再评价"),
    "request_reused": (409, "这个请求编号已经用过了，请换一个再提交"),
    "slot_taken": (409, "这个时间刚刚约满了，请换一个时间"),
    "ticket_changed": (409, "这张工单刚才有人办过了，请看一眼最新情况再办"),
    "ticket_busy": (409, "这张工单正在处理中，请稍后再试"),
    "too_many_photos": (409, "一张工单最多传6张照片，已经满了"),
    "photo_unreadable": (422, "这张照片打不开，请换一张 JPEG、PNG 或 WebP 格式的照片"),
    "photo_refused": (422, "这张照片没有通过安全检查，请换一张"),
    "photo_too_large": (413, "照片太大了，一张最多10兆，请换一张小一点的"),
    "body_too_large": (413, "内容太大，一次最多 64 KB"),
    "too_many_requests": (429, "发得太快了，请过一分钟再试"),
    "too_many_attempts": (429, "查询次数太多，请过一会儿再试"),
    "internal_error": (500, "系统出了点问题，请稍后再试"),
    "scanner_unavailable": (503, "照片的安全检查这会儿用不了，请过一会儿再传。您的工单不受影响"),
    "service_unavailable": (503, "系统这会儿不可用，急事请直接拨打 12345 转人工；火警 119、报警 110、急救 120"),
}
_BY_STATUS = {401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
              413: "body_too_large", 429: "too_many_requests", 503: "service_unavailable"}
_FIELD_MESSAGES = {
    "value_error.missing": "缺少这一项",
    "type_error.none.not_allowed": "这一项不能为空",
    "value_error.any_str.min_length": "不能为空",
    "value_error.any_str.max_length": "最多 {limit_value} 个字",
    "value_error.str.regex": "格式不对",
    "value_error.number.not_ge": "不能小于 {limit_value}",
    "value_error.number.not_le": "不能大于 {limit_value}",
    "value_error.const": "只能填规定的内容",
    "value_error.uuid": "要填 UUID",
    "type_error.uuid": "要填 UUID",
    "type_error.integer": "要填整数",
    "type_error.float": "要填数字",
    "type_error.bool": "要填 true 或 false",
    "type_error.str": "要填文字",
    "value_error.extra": "没有这一项",
}


class ApiError(Exception):
    """A refusal with a stable code of ERRORS; `message` and `field` say more where more is known."""

    def __init__(self, code: str, message: str | None = None, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field


def body(code: str, message: str | None = None, field: str | None = None, **more: Any) -> dict[str, Any]:
    """Return the JSON of an error, with what `more` machines may want to know; an unknown code is an internal error."""
    code = code if code in ERRORS else "internal_error"
    error = {"code": code, "message": message or ERRORS[code][1], **more}
    return {"error": {**error, "field": field} if field else error}


def response(code: str, message: str | None = None, field: str | None = None, **more: Any) -> JSONResponse:
    """Return the HTTP answer for an error code."""
    return JSONResponse(body(code, message, field, **more), status_code=ERRORS.get(code, ERRORS["internal_error"])[0])


def field_message(fault: Mapping[str, Any]) -> str:
    """Say in Chinese what is wrong with one field; `fault` is an entry of pydantic's errors()."""
    kind = str(fault["type"])
    if kind in ("value_error.const", "type_error.enum") or kind.startswith("value_error.const"):
        choices = [str(getattr(choice, "value", choice)) for choice in (fault.get("ctx") or {}).get("permitted")
                   or (fault.get("ctx") or {}).get("enum_values") or ()]
        return f"只能是{'、'.join(choices)}" if choices else _FIELD_MESSAGES["value_error.const"]
    if kind == "value_error" and any("\u4e00" <= c <= "\u9fff" for c in str(fault["msg"])):
        return str(fault["msg"])  # worded by a validator of ours
    return _FIELD_MESSAGES.get(kind, "格式不对").format_map({"limit_value": "", **(fault.get("ctx") or {})})


def _more(error: Exception) -> dict[str, Any]:
    """What a program needs in order to go on: a refused act with the state and who may do it, a changed ticket's version."""
    if isinstance(error, ActRefused):
        may = roles_for(error.status, error.act)
        return {"act": error.act.value, "status": error.status.value, "may": [role.value for role in Role if role in may]}
    return {"version": error.version} if isinstance(error, TicketChanged) else {}


def install(app: FastAPI, domain_errors: tuple[type[Exception], ...]) -> None:
    """Register the handlers; `domain_errors` are the domain's exceptions that carry a `.code` of ERRORS."""

    async def on_api_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ApiError)
        return response(error.code, error.message, error.field)

    async def on_domain_error(_: Request, error: Exception) -> JSONResponse:
        return response(str(getattr(error, "code", "")), getattr(error, "message", None), getattr(error, "field", None), **_more(error))

    async def on_invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        fault = error.errors()[0]
        if fault["type"] == "json_invalid":
            return response("invalid_json")
        field = ".".join(str(part) for part in fault["loc"][1:] if part != "__root__") or None
        message = field_message(fault)
        return response("invalid_request", f"{field}：{message}" if field else message, field)

    async def on_http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        fallback = "invalid_request" if error.status_code < 500 else "internal_error"
        answer = response(_BY_STATUS.get(error.status_code, fallback))
        answer.headers.update(error.headers or {})
        return answer

    async def on_store_down(_: Request, __: Exception) -> JSONResponse:
        return response("service_unavailable")

    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RedisError, on_store_down)
    app.add_exception_handler(OperationalError, on_store_down)
    for kind in domain_errors:
        app.add_exception_handler(kind, on_domain_error)
