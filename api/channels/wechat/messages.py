"""Messages of the platform: XML in and out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, Mapping
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

Kind = Literal["text", "greet", "leave", "other", "nothing"]
_NAME = re.compile(r"[A-Za-z0-9_\-@.]{1,128}", re.ASCII)
_NUMBER = re.compile(r"\d{1,24}", re.ASCII)
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_EVENTS: Mapping[str, Kind] = {"subscribe": "greet", "unsubscribe": "leave"}


class Malformed(Exception):
    """What came is no message of the protocol."""


@dataclass(frozen=True)
class Inbound:
    """One message of a person: `sender` is his openid, `account` this account, `id` the same for every repeat of it."""

    sender: str
    account: str
    kind: Kind
    id: str
    text: str = ""


def fields_of(xml: bytes) -> dict[str, str]:
    """Return the fields under the root of a message; raise Malformed, for every document type and entity too."""
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Malformed from None
    return {child.tag: (child.text or "").strip() for child in root}


def inbound_of(fields: Mapping[str, str]) -> Inbound:
    """Return the message that the fields tell; raise Malformed."""
    sender, account = fields.get("FromUserName", ""), fields.get("ToUserName", "")
    created, what = fields.get("CreateTime", ""), fields.get("MsgType", "")
    if not (_NAME.fullmatch(sender) and _NAME.fullmatch(account) and _NUMBER.fullmatch(created) and what):
        raise Malformed
    if what == "event":
        return _event(sender, account, created, fields)
    if not _NUMBER.fullmatch(number := fields.get("MsgId", "")):
        raise Malformed
    said = fields.get({"text": "Content", "voice": "Recognition"}.get(what, ""), "")
    return Inbound(sender, account, "text" if said else "other", f"m{number}", said)


def reply(to: str, account: str, at: int, text: str) -> str:
    """Return the XML of a text message to a person; `at` in seconds since the epoch."""
    return (f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(account)}</FromUserName><CreateTime>{at}</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content>{_cdata(text)}</Content></xml>")


def sealed_reply(sealed: str, signature: str, at: int, nonce: str) -> str:
    """Return the XML around an encrypted message."""
    return (f"<xml><Encrypt>{_cdata(sealed)}</Encrypt><MsgSignature>{_cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{at}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>")


def _event(sender: str, account: str, created: str, fields: Mapping[str, str]) -> Inbound:
    """An event has no number: who sent it, when and which it is are its name."""
    event, key = fields.get("Event", ""), fields.get("EventKey", "")
    name = f"e{created}-{hashlib.sha256(f'{event}/{key}'.encode()).hexdigest()[:16]}"
    if event == "CLICK" and key:
        return Inbound(sender, account, "text", name, key)
    return Inbound(sender, account, _EVENTS.get(event, "nothing"), name)


def _cdata(text: str) -> str:
    return f"<![CDATA[{_UNPRINTABLE.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
