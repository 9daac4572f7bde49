"""How long a reply may be to be heard on the phone."""

from __future__ import annotations

import re
from typing import Iterable, Iterator

from cli.checks.domain import Response
from knowledge.errors import Fault

LONGEST = 60  # characters said at a stretch: about fifteen seconds
MARKS = 3     # 、 that make a sentence a list
_BLANK = re.compile(r"\{\w+\}")


def fixed(text: str) -> str:
    """Return the words of a text without its blanks, whose values nobody knows here."""
    return _BLANK.sub("", text)


def wording_faults(responses: Iterable[Response]) -> Iterator[Fault]:
    """Yield long or listing responses without a wording for the phone, and wordings for the phone that are long themselves."""
    for response in responses:
        has_ivr = any(variant.channel == "ivr" for variant in response.variants)
        for variant in response.variants:
            length, marks = len(fixed(variant.text)), variant.text.count("、")
            if variant.channel == "ivr" and length > LONGEST:
                yield Fault(response.file, variant.line, f"'{response.name}' has {length} characters on the phone, at most {LONGEST} can be heard")
            if variant.channel is None and not has_ivr and length > LONGEST:
                yield Fault(response.file, variant.line, f"'{response.name}' has {length} characters and no variant with 'channel: ivr'")
            if variant.channel is None and not has_ivr and marks >= MARKS:
                yield Fault(response.file, variant.line, f"'{response.name}' holds a list and has no variant with 'channel: ivr'")
