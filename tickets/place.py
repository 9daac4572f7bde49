"""How exact a place is, and how two tellings of it become one. Texts are normalised and in the caller's words."""

from __future__ import annotations

import re

_CITY = "济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|聊城|滨州|菏泽"
_BELOW_CITY = r"[^路街巷村号楼园]{1,5}?(?:(?<![超门夜早菜集])市|(?<![小社园校厂景病])区|县)"
_DISTRICT = re.compile(rf"(?:山东省?)?(?:(?:{_CITY})市?)?(?:{_BELOW_CITY}){{0,2}}")
# A department cannot find a broken lamp by "历下区" or "济南历下".
_COARSE = re.compile(
    r"[^路街巷村号楼园]{0,6}(?:省|(?<![超门夜早菜集])市|(?<![小社园校厂景病])区|县|镇|乡)"
    rf"|(?:山东)?(?:{_CITY})(?:[^路街巷村号楼园站山湖河桥港店院场城]{{2}})?"
)
# "小区门口" names no place either: every estate has a gate.
_VAGUE = re.compile(
    r"(?:我们|我|俺们|俺|咱|你们|他们|这个|那个|这|那|一个|家里|家|小区|村里|村头|村口|村|庄|楼下|楼上|楼顶|楼道|楼里|楼|门口|大门|路口|路边|路上|马路|街上|单位|"
    r"学校|医院|超市|工地|饭店|河边|公园|广场|对面|对门|隔壁|附近|旁边|外面|里面|里|上|下|前|后|东|西|南|北|头|边|的)"
)


def exact(place: str | None) -> bool:
    """Return whether somebody could go there."""
    return place is not None and not _COARSE.fullmatch(place) and not vague(place)


def vague(words: str) -> bool:
    """Return whether the words only point: 楼下, 小区门口."""
    return bool(words) and not _VAGUE.sub("", words)


def district(place: str) -> str:
    """Return the city and district that the place begins with, in its own words; empty if it names none."""
    found = _DISTRICT.match(place)
    return found[0] if found else ""


def joined(before: str | None, place: str) -> str:
    """Return the place with what was known before: its district, or the spot within it."""
    if not before or exact(before) or before in place:
        return place
    if _COARSE.fullmatch(before):
        return place if district(place) else before + place
    # 阳光花园小区 + 小区门口: what both share stands once; without anything shared the spot may be elsewhere.
    shared = max(size for size in range(len(before) + 1) if place.endswith(before[:size]))
    return place + before[shared:] if shared else place


def moved(before: str | None, place: str) -> str:
    """Return a corrected place: the district known before stays, unless the correction names one itself."""
    return place if before is None or district(place) else district(before) + place
