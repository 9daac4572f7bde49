"""Image files as callers send them, and as attackers do."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

PLACE_MARK = b"Canon-of-the-caller"


def drawn(width: int = 40, height: int = 30, mode: str = "RGB", colour: Any = "red") -> Image.Image:
    """Return a picture of one colour."""
    return Image.new(mode, (width, height), colour)


def file_of(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file of a format."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def photo(width: int = 40, height: int = 30, colour: str = "red") -> bytes:
    """Return a JPEG file."""
    return file_of(drawn(width, height, colour=colour))


def with_exif(orientation: int = 1) -> bytes:
    """Return a JPEG of 40×30, its left half red and its right half blue, that says where it was taken and how it was held."""
    image = drawn()
    image.paste("blue", (20, 0, 40, 30))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, PLACE_MARK.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (36.0, 40.0, 3.5), 3: "E", 4: (117.0, 1.0, 2.5)})
    return file_of(image, exif=exif.tobytes(), comment=PLACE_MARK, icc_profile=PLACE_MARK * 10)


def with_archive(photo: bytes) -> bytes:
    """Return a photo that is an archive as well."""
    file = io.BytesIO(photo)
    file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("evil.txt", PLACE_MARK)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + _chunk(b"IEND", b"")


def gone_over(scans: int) -> bytes:
    """Return a progressive JPEG whose last scan is repeated."""
    whole = file_of(drawn(), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * scans + whole[-2:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
