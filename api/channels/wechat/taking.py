"""From a message of the platform to a turn of a conversation, and back to texts: the same rules as in the web chat."""

from __future__ import annotations

import secrets
from typing import Any

from pydantic import ValidationError, parse_obj_as
from redis.exceptions import RedisError

from api.call_rating import keep
from api.channels.wechat.post import Entry, Person, Post
from api.channels.wechat.rendering import chosen, options_after, pieces_of
from api.conversations import Conversation, ConversationGone, Message, new_message
from api.errors import ERRORS, ApiError
from api.gateway import Gateway
from api.schemas import CHAT_LIMIT, ChatText
from tickets.conversation_ratings import AlreadyRated
from tickets.errors import TicketError
from tickets.vocabulary import Grade

PHRASES = ("utter_greet", "utter_wechat_only_text", "utter_wechat_too_long", "utter_fault_ticket_offer", "utter_rate_call",
           "utter_conversation_rated", "utter_conversation_rated_bad", "utter_conversation_rated_bad_no_phone")
_RATE = "评价"
_GRADES = [grade.value for grade in Grade]
_NOT_TEXT = "（发来了文字以外的内容）"


class Taking:
    """`person` is the name under which the post keeps somebody; all but `alarm` is called by whoever holds that person's lease."""

    def __init__(self, gateway: Gateway, post: Post) -> None:
        self._gateway = gateway
        self._parts = gateway.parts
        self._post = post

    async def all(self, person: str) -> None:
        """Take what came from a person, in its order; what cannot be taken now stays. Raises ApiError and what Redis raises."""
        while found := await self._post.waiting(person):
            entry, mark = found
            try:
                await self._take(person, entry)
            except (ApiError, RedisError):
                raise
            except Exception as error:  # one message that breaks something must not stop all that come after it
                self._parts.log.error("wechat_not_taken", error=type(error).__name__, exc_info=True)
                await self._said(person, entry, "utter_fault_ticket_offer")
            await self._post.taken(person, mark)

    async def collect(self, person: str) -> Conversation | None:
        """Put what was said to a person since the last look behind what waits to be sent; return the conversation as it stands."""
        known = await self._post.find(person)
        conversation, _ = await self._gateway.conversations.find(known.conversation) if known.conversation else (None, True)
        if conversation is None:
            return None
        messages = await self._gateway.conversations.messages(conversation.id, known.told)
        if messages:
            aside = await self._post.aside(conversation.id)
            said = [message for message in messages if message["author"] != "caller" and message["seq"] not in aside]
            pieces = [piece for message in said for piece in pieces_of(message)]
            await self._post.collect(person, known, messages[-1]["seq"], options_after(messages, known.options), pieces)
        return conversation

    async def alarm(self, person: str, entry: Entry, alarm: Any) -> list[Message]:
        """Take a message with a danger in it, whoever holds the lease, and return what is said at once; raises what breaks."""
        conversation = await self._conversation(person)
        self._parts.memory.silence(conversation.id)
        said: list[Message] = (await self._gateway.turns.take(conversation.id, entry.text[:CHAT_LIMIT], entry.id, alarm))["messages"]
        # Told here and now. Should this gateway die before it is noted, it is told twice: better than never.
        await self._post.aside(conversation.id, [message["seq"] for message in said])
        return said

    async def _take(self, person: str, entry: Entry) -> None:
        if entry.kind == "greet":
            await self._said(person, entry, "utter_greet")
        elif entry.kind == "leave":
            await self._leave(person)
        elif entry.kind == "other":
            await self._said(person, entry, "utter_wechat_only_text", heard=_NOT_TEXT)
        elif entry.kind == "text" and not await self._rated(person, entry):
            await self._turn(person, entry)

    async def _turn(self, person: str, entry: Entry) -> None:
        if len(entry.text) > CHAT_LIMIT:
            return await self._said(person, entry, "utter_wechat_too_long", most=str(CHAT_LIMIT))
        try:
            text = str(parse_obj_as(ChatText, entry.text))
        except ValidationError:
            return await self._said(person, entry, "utter_wechat_only_text")
        for again in (True, False):
            conversation = await self._conversation(person)
            if conversation.owner != "operator":  # to a person a number is a number
                text = chosen(text, (await self._post.find(person)).options)
            alarm = await self._gateway.hearing.hear(text)
            if alarm:
                self._parts.memory.silence(conversation.id)
            try:
                await self._gateway.turns.take(conversation.id, text, entry.id, alarm)
                return
            except ConversationGone:  # it was ended at this very moment: his words begin a new one
                if not again:
                    raise

    async def _rated(self, person: str, entry: Entry) -> bool:
        """Take a word that rates the conversation which is over; False for any other word."""
        known = await self._post.find(person)
        text = chosen(entry.text, known.options).strip().strip("“”\"。")
        if text != _RATE and text not in _GRADES:
            return False
        last, over = await self._gateway.conversations.find(known.conversation) if known.conversation else (None, True)
        if last is None or over or not last.ended:
            return False
        if text == _RATE:
            options, words = _GRADES, self._words("utter_rate_call")
        else:
            options, words = [], await self._grade(last, Grade(text))
        said = new_message("system", words, self._parts.clock(), options=options)
        await self._gateway.conversations.append(last.id, [said], once=f"reply:{entry.id}")
        return True

    async def _grade(self, conversation: Conversation, grade: Grade) -> str:
        try:
            async with self._gateway.lock.hold(f"{conversation.id}:rating"):
                return self._words(await keep(self._gateway, conversation, grade, ""), grade=grade.value)
        except AlreadyRated as error:
            return str(error)
        except ApiError as error:
            if error.code != "nothing_to_rate":
                raise
            return f"{ERRORS[error.code][1]}。"
        except TicketError:
            return self._words("utter_fault_ticket_offer")

    async def _leave(self, person: str) -> None:
        """He follows the account no more: nothing can be sent to him. An alarm of his waits on for a person."""
        known = await self._post.find(person)
        try:
            if known.conversation and not (await self._gateway.conversations.load(known.conversation)).ended:
                await self._gateway.ownership.end(known.conversation, "caller")
        except ConversationGone:
            pass
        await self._post.forget(person)

    async def _said(self, person: str, entry: Entry, name: str, heard: str = "", **values: str) -> None:
        """Answer without a turn; whoever has the conversation sees that something came."""
        conversation, now = await self._conversation(person), self._parts.clock()
        came = [new_message("caller", heard, now, client_message_id=entry.id)] if heard else []
        author = "bot" if entry.kind == "greet" else "system"  # a person may have it: then the bot is silent
        await self._gateway.conversations.append(conversation.id, [*came, new_message(author, self._words(name, **values), now)],
                                                 once=f"reply:{entry.id}")

    async def _conversation(self, person: str) -> Conversation:
        """Return the conversation that a person has, a new one where there is none or it is over."""
        async with self._gateway.lock.hold(f"wechat:open:{person}"):
            known = await self._post.find(person)
            if current := await self._alive(known):
                return current
            await self.collect(person)  # the last words of the one before
            id = self._post.conversation_id(person)
            await self._gateway.conversations.open(id, "web", self._gateway.settings.region, None, secrets.token_urlsafe(32))
            await self._gateway.conversations.append(id, [], fields={"via": "wechat"})
            await self._post.renew(person, id)
            return await self._gateway.conversations.load(id)

    async def _alive(self, known: Person) -> Conversation | None:
        try:
            conversation = await self._gateway.conversations.load(known.conversation) if known.conversation else None
        except ConversationGone:
            return None
        return None if conversation is None or conversation.ended else conversation

    def _words(self, name: str, **values: str) -> str:
        return self._parts.phrases.render(name, "web", **values)
