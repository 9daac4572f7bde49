"""Questions to the knowledge base without a conversation."""

from __future__ import annotations

import dataclasses
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from api.gateway import Gateway, gateway_of
from api.knowledge.answering import matched, reply_to, whole_record
from api.rates import ADDRESS_QUESTIONS, address_of
from api.schemas import MatchText, RegionCode, failures
from knowledge.errors import UnknownItem
from zh.normalise import normalise

router = APIRouter(prefix="/v1/knowledge", tags=["知识库"])
TheGateway = Annotated[Gateway, Depends(gateway_of)]


class Question(BaseModel):
    text: MatchText
    region: RegionCode | None = None
    limit: int = Field(5, ge=1, le=20)

    class Config:
        schema_extra = {"example": {"text": "俺身份证丢了咋补，要带啥？", "region": "370102", "limit": 5}}


class CandidateBody(BaseModel):
    code: str
    name: str
    kind: Literal["item", "life_event", "policy"]
    score: float
    matched_on: str


class MatchBody(BaseModel):
    """The verdict: `answer` is there only when the decision is answer."""

    decision: Literal["answer", "clarify", "none"]
    facet: str | None
    answer: str | None
    candidates: list[CandidateBody]
    took_ms: float

    class Config:
        schema_extra = {"example": {
            "decision": "answer", "facet": "materials", "answer": "补办身份证要带居民户口簿。",
            "candidates": [{"code": "id-card-reissue", "name": "居民身份证丢失补领", "kind": "item", "score": 0.97,
                            "matched_on": "身份证丢了怎么补"}], "took_ms": 1.2}}


@router.post("/match", response_model=MatchBody, responses=failures(413, 429), summary="问一句，看最接近的事项")
async def match(body: Question, request: Request, gateway: TheGateway) -> Any:
    await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
    region = gateway.region(body.region)
    began = time.perf_counter()
    words = normalise(body.text)
    found, where = matched(gateway.parts.knowledge, gateway.parts.regions, words, region, body.limit)
    answer = None
    if found.decision == "answer":
        try:
            reply = reply_to(gateway.parts.knowledge, found, where)
            answer = gateway.parts.phrases.render(reply.response, "web", **reply.values)
        except UnknownItem:  # withdrawn between the match and the answer
            found = dataclasses.replace(found, decision="none")
    return {"decision": found.decision, "facet": found.facet, "answer": answer,
            "candidates": [dataclasses.asdict(candidate) for candidate in found.candidates],
            "took_ms": round((time.perf_counter() - began) * 1000, 2)}


@router.get("/items/{code}", responses=failures(404, 429), summary="一个事项、一件事或政策答问的全部内容")
async def item(code: Annotated[str, Path(max_length=80, example="id-card-reissue")], request: Request, gateway: TheGateway,
               region: Annotated[RegionCode | None, Query(example="370200")] = None) -> dict[str, Any]:
    await gateway.rates.check("questions", address_of(request), ADDRESS_QUESTIONS)
    return whole_record(gateway.parts.knowledge.catalogue, code, gateway.region(region))
