"""Given back, the bot speaks first: what was talked of last, and what else there is."""

from __future__ import annotations

from datetime import datetime
from typing import Sequence

from api.conversations import Conversation, Message, new_message
from api.phrases import Phrases
from api.summary import Names, mark_of, summarise

PHRASES = ("utter_operator_left", "utter_operator_left_about")


def waking(conversation: Conversation, messages: Sequence[Message], names: Names, phrases: Phrases, at: datetime) -> Message:
    """Return what the bot says when a person has given the conversation back to it."""
    about = summarise(messages, conversation.fields, names).text
    if not about:
        return new_message("bot", phrases.render("utter_operator_left", conversation.channel), at)
    about = f"您刚才{about}" if about.startswith("问") else about
    # The mark says that this was no answer: two misunderstandings in a row do not reach across it.
    return new_message("bot", phrases.render("utter_operator_left_about", conversation.channel, about=about), at, turn=mark_of("smalltalk", {}))
