"""Which encoding a text file is in: UTF-8, with or without its mark, or GB18030."""

from __future__ import annotations

import codecs
from pathlib import Path

from knowledge.importers.errors import FileRefused

_CHUNK = 2**20
# Files whose suffix was changed: their first bytes tell what they are.
_OTHERS = {b"PK\x03\x04": "压缩包或者 XLSX", b"\xd0\xcf\x11\xe0": "旧的 Office 文件", b"%PDF": "PDF", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片",
           b"GIF8": "图片", b"\x7fELF": "程序", b"MZ\x90": "程序", b"\x1f\x8b": "压缩包"}
# So many characters are never read as UTF-8 by chance: the file is UTF-8, and broken behind them.
_CHANCE = 8


def encoding_of(path: Path) -> str:
    """Return "utf-8-sig" or "gb18030" after reading the whole file once; raise FileRefused when it is in neither or no text."""
    with path.open("rb") as file:
        start = file.read(4)
    for magic, kind in _OTHERS.items():
        if start.startswith(magic):
            raise FileRefused(f"{path.name} 的内容是{kind}，和后缀 {path.suffix} 对不上。")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefused(f"{path.name} 是 UTF-16 编码，请另存为 UTF-8。")
    utf8, place, before = _decodes(path, "utf-8")
    if utf8:
        return "utf-8-sig"
    if start.startswith(codecs.BOM_UTF8) or before > _CHANCE:
        raise FileRefused(f"{path.name} 是 UTF-8 编码，但是第 {place + 1} 个字节坏了。请重新导出一份。")
    if _decodes(path, "gb18030")[0]:
        return "gb18030"
    raise FileRefused(f"{path.name} 既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8。")


def _decodes(path: Path, encoding: str) -> tuple[bool, int, int]:
    """Return whether the file decodes; if not, the offset in bytes and how many characters beyond ASCII came before."""
    decoder = codecs.getincrementaldecoder(encoding)()
    place, beyond = 0, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            if b"\0" in chunk:
                raise FileRefused(f"{path.name} 里有空字节，不是文本文件。")
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[:error.start].decode(encoding)
                return False, place - held + error.start, beyond + sum(character > "\x7f" for character in good)
            if not chunk:
                return True, place, beyond
            if not text.isascii():
                beyond += sum(character > "\x7f" for character in text) if beyond <= _CHANCE else 0
            place += len(chunk)
