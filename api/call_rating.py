"""The rating of a call once its business is done: the five grades by key or word, why if it is a bad one, and goodbye."""

from __future__ import annotations

from fastapi.concurrency import run_in_threadpool
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from api.calls import PERSON_KEYS, UNHEARD, Calls, Heard, Spoken
from api.conversations import Conversation, new_message
from api.errors import ApiError
from api.gateway import Gateway
from tickets.conversation_ratings import AlreadyRated, rating_of
from tickets.errors import TicketError
from tickets.grades import corrected_grade, grade_in, grade_of_key, reason_answered, reason_told
from tickets.vocabulary import Grade
from zh.normalise import normalise

PHRASES = ("utter_rate_call", "utter_rate_call_again", "utter_rate_call_why", "utter_rate_call_skipped", "utter_conversation_rated",
           "utter_conversation_rated_bad", "utter_conversation_rated_bad_no_phone")
_STEP = "rating"  # field of the conversation: what was asked last
_ASKED, _AGAIN, _WHY, _DONE = "asked", "again", "why:", "done"
_GRADES = [grade.value for grade in Grade]


async def keep(gateway: Gateway, conversation: Conversation, grade: Grade, reason: str) -> str:
    """Keep the rating of a conversation; return the name of what is said to it. Raises ApiError, AlreadyRated."""
    if conversation.outcome is None:
        raise ApiError("nothing_to_rate")
    rating = rating_of(conversation.id, conversation.channel, grade, gateway.parts.clock(), reason=reason, region=conversation.region,
                       about=conversation.fields.get("about"))
    rung_up = await run_in_threadpool(gateway.parts.ratings.rate, rating, conversation.caller)
    if not grade.bad:
        return "utter_conversation_rated"
    return "utter_conversation_rated_bad" if rung_up else "utter_conversation_rated_bad_no_phone"


class CallRating:
    """Asked when the exchange wants it, twice at most; whatever happens the call can come to its end."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._calls = Calls(gateway)

    async def turn(self, id: str, heard: Heard) -> Spoken:
        """Ask for the grade or take it. Raises ApiError for a call that is unknown, over, rated or without any business."""
        if heard.dtmf in PERSON_KEYS or (heard.text and self._gateway.parts.detector.detect(heard.text)):
            return await self._calls.turn(id, heard)  # a person or help comes before any rating
        try:
            async with self._gateway.lock.hold(id):
                return await self._turn(await self._calls.known(id), heard)
        except AlreadyRated:
            raise ApiError("already_rated") from None
        except (RedisError, OperationalError, TicketError) as error:
            self._gateway.parts.log.error("call_not_rated", error=type(error).__name__)
            return self._spoken("utter_rate_call_skipped", "hangup")

    async def settle(self, id: str) -> None:
        """Keep a bad grade whose caller hung up instead of saying why."""
        try:
            async with self._gateway.lock.hold(id):
                call = await self._calls.known(id)
                step = call.fields.get(_STEP, "")
                if step.startswith(_WHY):
                    await keep(self._gateway, call, Grade(step.removeprefix(_WHY)), "")
                    await self._note(id, _DONE)
        except AlreadyRated:
            pass
        except (RedisError, OperationalError, TicketError) as error:
            self._gateway.parts.log.error("call_not_rated", error=type(error).__name__)

    async def _turn(self, call: Conversation, heard: Heard) -> Spoken:
        step = call.fields.get(_STEP, "")
        if step == _DONE or await run_in_threadpool(self._gateway.parts.ratings.rated, call.id):
            raise ApiError("already_rated")
        if call.outcome is None:
            raise ApiError("nothing_to_rate")
        clear = heard.confidence is None or heard.confidence >= UNHEARD
        words = normalise(heard.text) if clear else ""
        if step.startswith(_WHY):
            if heard.dtmf == "*":
                return await self._ask(call, "utter_rate_call_why", step)
            given = Grade(step.removeprefix(_WHY))
            corrected = corrected_grade(words)
            if corrected in (None, given):
                return await self._keep(call, given, reason_answered(words))
            return await self._take(call, corrected, "")
        grade = grade_of_key(heard.dtmf) or grade_in(words)
        if grade is None:
            return await self._ask_again(call, step, bool(heard.text or heard.dtmf))
        return await self._take(call, grade, reason_told(words))

    async def _take(self, call: Conversation, grade: Grade, reason: str) -> Spoken:
        """Keep a grade, a bad one once its reason is known: who tells it in the same breath is not asked."""
        if grade.bad and not reason:
            return await self._ask(call, "utter_rate_call_why", f"{_WHY}{grade.value}")
        return await self._keep(call, grade, reason if grade.bad else "")

    async def _ask_again(self, call: Conversation, step: str, said: bool) -> Spoken:
        if step == _AGAIN or (step and not said):  # who keeps silent does not want to
            return self._spoken("utter_rate_call_skipped", "hangup")
        return await self._ask(call, *(("utter_rate_call_again", _AGAIN) if said else ("utter_rate_call", _ASKED)))

    async def _ask(self, call: Conversation, name: str, step: str) -> Spoken:
        spoken = self._spoken(name, "continue", () if step.startswith(_WHY) else _GRADES)
        await self._note(call.id, step, spoken)
        return spoken

    async def _keep(self, call: Conversation, grade: Grade, reason: str) -> Spoken:
        name = await keep(self._gateway, call, grade, reason)
        spoken = self._spoken(name, "hangup", grade=grade.value)
        await self._note(call.id, _DONE, spoken)
        return spoken

    async def _note(self, id: str, step: str, spoken: Spoken | None = None) -> None:
        said = [new_message("bot", spoken.prompt, self._gateway.parts.clock())] if spoken else []
        await self._gateway.conversations.append(id, said, fields={_STEP: step})

    def _spoken(self, name: str, action: str, options: "list[str] | tuple[()]" = (), **values: str) -> Spoken:
        return Spoken(self._gateway.parts.phrases.render(name, "ivr", **values), "rated", options, action)
