"""VoiceXML 2.1: one document for each thing that is said; a voice browser speaks it, listens, and submits what it heard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from api.phone.speakable import speakable
from api.phone.spoken import Spoken

MEDIA_TYPE = "application/voicexml+xml"
_NAMESPACE = "http://www.w3.org/2001/vxml"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold, escaped or not
_HEARD = ("text", "dtmf", "silence", "confidence")
_PROPERTIES = (("bargein", "true"), ("inputmodes", "dtmf voice"), ("timeout", "3s"), ("interdigittimeout", "3s"), ("termchar", "#"),
               ("confidencelevel", "0.0"), ("universals", "none"))  # how sure is sure enough the gateway decides


@dataclass(frozen=True)
class Session:
    """What a document needs to go on: the addresses to submit to, the call's token (URL-safe), the grammar of speech, the form of a
    transfer's URI with {number}, and the words for a failure of the browser and of a transfer to a person or to `{number}`."""

    turns: str
    end: str
    token: str
    grammar: str
    transfer: str
    fault: str
    transfer_failed: str
    call_yourself: str


def document(spoken: Spoken, session: Session, person: str) -> bytes:
    """Return the document for what is spoken; `person` is where a browser in trouble transfers the caller."""
    if spoken.action == "hangup":
        return closing(spoken.prompt)
    root = _root()
    for name, value in _PROPERTIES:
        _add(root, "property", name=name, value=value)
    _add(root, "var", name="token", expr=f"'{session.token}'")
    for event, reason in (("connection.disconnect.transfer", "transferred"), ("connection.disconnect", "caller_hung_up")):
        over = _add(root, "catch", event=event)
        _add(over, "var", name="reason", expr=f"'{reason}'")
        _submit(over, session.end, "token reason")
    error = _add(root, "error")
    _add(error, "prompt").text = _clean(session.fault)
    _add(error, "goto", next="#person")
    if spoken.action == "transfer":
        _person(root, spoken.transfer_to or person, session, spoken.prompt, desk=spoken.transfer_to in (None, person))
        _turn(root, session, None)
    else:
        _turn(root, session, spoken)
        _person(root, person, session, None, desk=True)
    return _bytes(root)


def closing(goodbye: str) -> bytes:
    """Return the document that says goodbye and hangs up."""
    root = _root()
    block = _add(_add(root, "form"), "block")
    _add(block, "prompt", bargein="false").text = _clean(speakable(goodbye))
    _add(block, "disconnect")
    return _bytes(root)


def ended() -> bytes:
    """Return the document for a caller who is no longer there."""
    root = _root()
    _add(_add(_add(root, "form"), "block"), "exit")
    return _bytes(root)


def _turn(root: ET.Element, session: Session, spoken: Spoken | None) -> None:
    form = _add(root, "form", id="turn")
    for name in _HEARD:
        _add(form, "var", name=name, expr="''")
    field = _add(form, "field", name="heard")
    if spoken:
        _prompt(field, spoken.prompt, spoken.slow)
    _add(field, "grammar", src=session.grammar, mode="voice")
    _keys(field)
    said = _add(field, "filled")
    choice = _add(said, "if", cond="heard$.inputmode == 'dtmf'")
    _add(choice, "assign", name="dtmf", expr="heard$.utterance.replace(/\\s/g, '')")
    _add(choice, "else")
    _add(choice, "assign", name="text", expr="heard$.utterance")
    _add(choice, "assign", name="confidence", expr="heard$.confidence")
    _submit(said, session.turns, " ".join(("token", *_HEARD)))
    unclear = _add(field, "nomatch")
    _add(unclear, "assign", name="confidence", expr="'0'")
    _submit(unclear, session.turns, " ".join(("token", *_HEARD)))
    silent = _add(field, "noinput")
    _add(silent, "assign", name="silence", expr="'true'")
    _submit(silent, session.turns, " ".join(("token", *_HEARD)))


def _keys(field: ET.Element) -> None:
    """Any number, * alone, # alone."""
    grammar = _add(field, "grammar", version="1.0", mode="dtmf", root="keys")
    rule = _add(grammar, "rule", id="keys", scope="public")
    choice = _add(rule, "one-of")
    _add(_add(choice, "item", repeat="1-32"), "ruleref", uri="#digit")
    for key in "*#":
        _add(choice, "item").text = key
    digits = _add(_add(grammar, "rule", id="digit"), "one-of")
    for digit in "0123456789":
        _add(digits, "item").text = digit


def _person(root: ET.Element, number: str, session: Session, prompt: str | None, *, desk: bool) -> None:
    transfer = _add(_add(root, "form", id="person"), "transfer", name="person", dest=_clean(session.transfer.replace("{number}", number)),
                    type="blind", connecttimeout="30s")
    if prompt:
        _prompt(transfer, prompt, False)
    failed = session.transfer_failed if desk or not number.isdecimal() else session.call_yourself.replace("{number}", number)
    for handler in (_add(transfer, "filled"), _add(transfer, "catch", event="error")):
        _prompt(handler, failed, False)
        _add(handler, "goto", next="#turn")


def _prompt(parent: ET.Element, text: str, slow: bool) -> None:
    prompt = _add(parent, "prompt", bargein="true")
    spoken = _clean(speakable(text))
    if slow:
        _add(prompt, "prosody", rate="slow").text = spoken
    else:
        prompt.text = spoken


def _submit(parent: ET.Element, address: str, names: str) -> None:
    _add(parent, "submit", next=address, method="post", namelist=names)  # a body: what stands in an address, logs keep


def _root() -> ET.Element:
    return ET.Element("vxml", {"xmlns": _NAMESPACE, "version": "2.1", "xml:lang": "zh-CN"})


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _bytes(root: ET.Element) -> bytes:
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
