"""安全模式: messages under the EncodingAESKey, AES-256-CBC over 16 random bytes, a length, the XML and the app id."""

from __future__ import annotations

import base64
import binascii
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # the protocol pads to 32 although the blocks of AES have 16
_RANDOM, _LENGTH = 16, 4


class Unreadable(Exception):
    """What came is not a message of this account under this key."""


class Envelope:
    """`key` is the EncodingAESKey of 43 characters; raises ValueError for any other."""

    def __init__(self, key: str, app_id: str) -> None:
        secret = base64.b64decode(key + "=", validate=True)
        if len(secret) != 32:
            raise ValueError("an EncodingAESKey has 43 characters")
        self._cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16]))  # the protocol's own choice of the first block
        self._app_id = app_id.encode("utf-8")

    def open(self, sealed: str) -> bytes:
        """Return the XML in a base64 text; raise Unreadable."""
        try:
            data = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable from None
        if not data or len(data) % 16:
            raise Unreadable
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        padding = padded[-1]
        if not 1 <= padding <= _BLOCK or padded[-padding:] != bytes([padding]) * padding:
            raise Unreadable
        content = padded[_RANDOM:-padding]
        if len(content) < _LENGTH:
            raise Unreadable
        (length,) = struct.unpack(">I", content[:_LENGTH])
        message, app_id = content[_LENGTH:_LENGTH + length], content[_LENGTH + length:]
        if len(message) != length or app_id != self._app_id:  # one of another account
            raise Unreadable
        return message

    def seal(self, message: bytes) -> str:
        """Return a message as the platform reads it, base64."""
        content = os.urandom(_RANDOM) + struct.pack(">I", len(message)) + message + self._app_id
        padding = _BLOCK - len(content) % _BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()).decode("ascii")
