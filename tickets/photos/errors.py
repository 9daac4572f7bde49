"""Why a photo is not taken or not shown."""

from __future__ import annotations

from tickets.errors import TicketError
from tickets.photos.photo import MOST_BYTES, MOST_PHOTOS


class PhotoTooLarge(TicketError):
    """More bytes than are taken."""

    code = "photo_too_large"

    def __init__(self) -> None:
        super().__init__(f"照片太大了，一张最多{MOST_BYTES // 1024 // 1024}兆，请换一张小一点的。")


class PhotoUnreadable(TicketError):
    """By its content it is no picture that is taken."""

    code = "photo_unreadable"

    def __init__(self) -> None:
        super().__init__("这张照片打不开，或者尺寸太大。请换一张 JPEG、PNG 或 WebP 格式的照片。")


class PhotoRefused(TicketError):
    """The scanner found something in it."""

    code = "photo_refused"

    def __init__(self) -> None:
        super().__init__("这张照片没有通过安全检查，请换一张。")


class TooManyPhotos(TicketError):
    """The ticket has as many as it may have."""

    code = "too_many_photos"

    def __init__(self) -> None:
        super().__init__(f"一张工单最多传{MOST_PHOTOS}张照片，已经满了。")


class PhotoNotFound(TicketError):
    """No such photo for this asker."""

    code = "photo_not_found"

    def __init__(self) -> None:
        super().__init__("没有找到这张照片。")


class ScannerAway(TicketError):
    """The scanner does not answer, or not as it should: nothing is taken unscanned."""

    code = "scanner_unavailable"

    def __init__(self) -> None:
        super().__init__("照片的安全检查这会儿用不了，请过一会儿再传。您的工单不受影响。")


class PhotoKept(Exception):
    """The same request has brought its photo already."""
