"""What a text of a request may be."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from api.schemas import ChatText


class Body(BaseModel):
    text: ChatText


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u200b", "\u202e\ufeff", 5, None, ["身份证"]],
                         ids=["empty", "white", "zero width", "direction marks", "a number", "null", "a list"])
def test_a_text_without_anything_to_be_seen_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        Body(text=text)


def test_an_emoji_and_a_joined_one_are_text() -> None:
    assert Body(text="👨\u200d👩\u200d👧 好").text == "👨\u200d👩\u200d👧 好"
