"""What is left of a picture: pixels, upright, and nothing else; and what is no picture at all."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from tests.support.pictures import PLACE_MARK, bomb, drawn, file_of, gone_over, photo, with_archive, with_exif
from tickets.photos.errors import PhotoTooLarge, PhotoUnreadable
from tickets.photos.photo import MOST_BYTES
from tickets.photos.picture import Picture, cleaned

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def seen(picture: Picture) -> Image.Image:
    """The picture as a program reads it."""
    image = Image.open(io.BytesIO(picture.data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (picture.width, picture.height))
    return image


def near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = image.getpixel(place)
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 12 for one, other in zip(pixel, colour))


RED, BLUE, WHITE = (254, 0, 0), (0, 0, 254), (255, 255, 255)


@pytest.mark.parametrize("data", [photo(), file_of(drawn(), "PNG"), file_of(drawn(), "WEBP"), file_of(drawn(mode="CMYK", colour=(0, 255, 255, 0))),
                                  file_of(drawn(), progressive=True), file_of(drawn().convert("P"), "PNG")],
                         ids=["JPEG", "PNG", "WebP", "CMYK", "progressive", "palette"])
def test_every_kind_that_is_taken_becomes_the_same_jpeg(data: bytes) -> None:
    picture = cleaned(data)
    assert (picture.width, picture.height, picture.media_type) == (40, 30, "image/jpeg")
    assert near(seen(picture), (20, 15), RED)


def test_one_pixel_is_a_picture() -> None:
    assert (cleaned(photo(1, 1)).width, cleaned(photo(1, 1)).height) == (1, 1)


@pytest.mark.parametrize(("value", "grey"), [(0, 0), (0x8000, 128), (0xFFFF, 255)])
def test_sixteen_bits_of_grey_become_eight(value: int, grey: int) -> None:
    image = seen(cleaned(file_of(drawn(mode="I;16", colour=value), "PNG")))
    assert near(image, (5, 5), (grey, grey, grey))


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_white(format: str) -> None:
    image = drawn(mode="RGBA", colour=(0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (20, 0, 40, 30))
    shown = seen(cleaned(file_of(image, format, **({"lossless": True} if format == "WEBP" else {}))))
    assert near(shown, (5, 15), WHITE) and near(shown, (34, 15), RED)


@pytest.mark.parametrize("image", [drawn(mode="L", colour=7), drawn().convert("P"), drawn()], ids=["grey", "palette", "colours"])
def test_a_colour_that_stands_for_nothing_becomes_white(image: Image.Image) -> None:
    shown = seen(cleaned(file_of(image, "PNG", transparency=image.getpixel((0, 0)))))
    assert near(shown, (20, 15), WHITE)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_of_what_moves_the_first_frame_is_kept(format: str) -> None:
    moving = file_of(drawn(), format, save_all=True, append_images=[drawn(colour="blue")] * 3, duration=100)
    assert near(seen(cleaned(moving)), (20, 15), RED)


def test_place_camera_comment_and_profile_are_gone() -> None:
    sent = with_exif()
    assert PLACE_MARK in sent
    picture = cleaned(sent)
    image = seen(picture)
    assert (dict(image.getexif()), PLACE_MARK in picture.data) == ({}, False)
    assert not {"exif", "icc_profile", "comment", "gps"} & set(image.info)


# The left of the file is red. Where red is seen when the picture stands as it was taken, by the way the camera was held.
@pytest.mark.parametrize(("orientation", "size", "red"), [
    (1, (40, 30), (5, 15)), (2, (40, 30), (34, 15)), (3, (40, 30), (34, 15)), (4, (40, 30), (5, 15)),
    (5, (30, 40), (15, 5)), (6, (30, 40), (15, 5)), (7, (30, 40), (15, 34)), (8, (30, 40), (15, 34)), (99, (40, 30), (5, 15))])
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    picture = cleaned(with_exif(orientation))
    assert (picture.width, picture.height) == size
    assert near(seen(picture), red, RED)


def test_a_good_picture_with_broken_notes_is_taken() -> None:
    assert cleaned(file_of(drawn(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")).width == 40


def test_an_archive_behind_a_picture_is_gone() -> None:
    sent = with_archive(photo())
    assert zipfile.ZipFile(io.BytesIO(sent)).read("evil.txt") == PLACE_MARK, "the file sent is both"
    picture = cleaned(sent)
    assert not zipfile.is_zipfile(io.BytesIO(picture.data))
    assert near(seen(picture), (20, 15), RED)


@pytest.mark.parametrize(("sent", "kept"), [((3000, 1500), (2560, 1280)), ((10, 5120), (5, 2560)), ((6000, 2), (2560, 1)), ((2560, 2560), (2560, 2560))])
def test_the_longest_side_is_bounded(sent: tuple[int, int], kept: tuple[int, int]) -> None:
    picture = cleaned(file_of(drawn(*sent), "PNG"))
    assert (picture.width, picture.height) == kept


@pytest.mark.parametrize("data", [
    b"", b"\xff\xd8", SVG, HTML, b"GIF89a" + bytes(50), file_of(drawn(), "GIF"), file_of(drawn(), "BMP"), file_of(drawn(), "TIFF"), b"%PDF-1.7\n",
    photo()[:-200], file_of(drawn(200, 200), "PNG")[:-40], file_of(drawn(200, 200), "WEBP")[:-20], photo()[:20] + HTML, gone_over(400)],
    ids=["nothing", "two bytes", "SVG", "HTML", "GIF head", "GIF", "BMP", "TIFF", "PDF", "cut JPEG", "cut PNG", "cut WebP", "JPEG head on HTML",
         "400 scans"])
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoUnreadable):
        cleaned(data)


@pytest.mark.parametrize(("width", "height"), [(8000, 5001), (9000, 9000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)],
                         ids=["just beyond", "below the decoder's own bound", "a bomb", "the greatest"])
def test_a_picture_of_too_many_pixels_is_refused_by_its_head(width: int, height: int) -> None:
    with pytest.raises(PhotoUnreadable):
        cleaned(bomb(width, height))


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(PhotoTooLarge):
        cleaned(photo() + bytes(MOST_BYTES))
