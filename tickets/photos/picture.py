"""The pixels of a picture, made anew: whatever else the file held (EXIF, place, comments, archives behind the end) does not come along."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tickets.photos.errors import PhotoTooLarge, PhotoUnreadable
from tickets.photos.photo import MOST_BYTES

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2560
_QUALITY = 85
# A progressive JPEG may ask for the whole picture to be gone over with each of its scans. Cameras and programs write a dozen; a film
# behind the picture, as telephones put there, may look like some more.
_MOST_SCANS = 300
_JPEG = ("JPEG", "MPO")  # MPO: several of them in one file, of which the first is taken
_SCAN = b"\xff\xda"
_ORIENTATION = 0x0112  # EXIF; values 2 to 8 say how the camera was held
_TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
          6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90}


@dataclass(frozen=True)
class Picture:
    """A JPEG of nothing but pixels; `width` and `height` count them."""

    data: bytes
    width: int
    height: int
    media_type: str = "image/jpeg"


def cleaned(data: bytes) -> Picture:
    """Return a picture upright, on white where it was transparent, its first frame alone, its longest side at most 2560 pixels.

    Raises PhotoTooLarge beyond 10 MB, PhotoUnreadable for what is no whole JPEG, PNG or WebP or has more than 40 million pixels.
    """
    if len(data) > MOST_BYTES:
        raise PhotoTooLarge
    try:
        return _written(_upright(data))
    except PhotoUnreadable:
        raise
    except Exception:  # decoders meet what nobody foresaw with errors of every kind
        raise PhotoUnreadable from None


def _upright(data: bytes) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)  # reads the head alone
    if image.width * image.height > MOST_PIXELS or (image.format in _JPEG and data.count(_SCAN) > _MOST_SCANS):
        raise PhotoUnreadable
    orientation = _orientation(image)
    image = _plain(image)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _orientation(image: Image.Image) -> Any:
    try:
        return image.getexif().get(_ORIENTATION)
    except Exception:  # a good picture may carry broken notes
        return None


def _plain(image: Image.Image) -> Image.Image:
    """Bring it to a mode that can be made smaller; a JPEG stays as it is, for it is best read at its smaller size."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value * (1 / 256)).convert("L")
        image.info.pop("transparency", None)
    fitting = ("RGBA",) if image.has_transparency_data else ("RGB", "L", "CMYK")
    return image if image.mode in fitting else image.convert(fitting[0])


def _written(image: Image.Image) -> Picture:
    # A canvas of our own: what an image remembers of its file would be written out with it.
    canvas = Image.new("RGB", image.size, "white")
    if image.mode == "RGBA":
        canvas.paste(image, mask=image.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=_QUALITY)
    return Picture(file.getvalue(), *canvas.size)
