"""A list of up to a million names: those of a real list, for each place of the province, and each once more with an action."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Iterator, Sequence

from core.bootstrap import load_regions

SEED = 7
ACTIONS = ("变更", "注销", "延续", "补办", "备案", "撤销", "年度报告", "预约", "复核", "查询", "换发", "停业", "恢复")
STREETS = ("解放路街道", "人民路街道", "文化路街道", "建设路街道", "新华街道", "和平街道", "胜利街道", "东关街道", "西关街道", "南关街道", "北关街道",
           "城关街道", "开发区街道", "工业园街道", "河东街道", "河西街道", "大桥镇", "王家庄镇", "李家铺镇", "石桥镇", "柳林镇", "黄山镇")


@dataclass(frozen=True)
class Place:
    """A city, county or street; `label` stands in the list, `said` is what a caller says."""

    label: str
    said: str


@dataclass(frozen=True)
class Composed:
    """(code, name) of the whole list; `places` are those with all their names in it, in the order of `places()`."""

    names: list[tuple[str, str]]
    places: Sequence[Place]

    def code(self, place: int, name: int, names: int) -> str:
        """Return the code of name number `name` of `names`, without an action, at place number `place`."""
        return str(2 * (place * names + name))


def places() -> list[Place]:
    """Cities and counties in a fixed mixed order, then the streets of the counties; a county whose name is not its own is said with its city."""
    regions = [region for region in load_regions() if region.level != "province"]
    own = [region.name for region in regions]
    city = {region.code: region.name for region in regions if region.level == "city"}
    near, far = [], []
    for region in regions:
        label = city.get(region.parent or "", "") + region.name
        said = region.name if own.count(region.name) == 1 else label
        near.append(Place(label, said))
        far += [Place(label + street, said + street) for street in STREETS if region.level == "county"]
    mixed = random.Random(SEED)  # noqa: S311  # no secret
    mixed.shuffle(near)
    mixed.shuffle(far)
    return near + far


def compose(names: Sequence[str], count: int) -> Composed:
    """Return `count` names; raises ValueError where places times names do not reach so far."""
    everywhere = places()
    whole = count // (2 * len(names))
    if whole >= len(everywhere):
        raise ValueError(f"at most {2 * len(names) * len(everywhere)} names can be composed")
    texts = _texts(names, everywhere)
    return Composed([(str(i), next(texts)) for i in range(count)], everywhere[:whole])


def _texts(names: Sequence[str], everywhere: Sequence[Place]) -> Iterator[str]:
    for number, place in enumerate(everywhere):
        for i, name in enumerate(names):
            yield place.label + name
            # By turns, so that no place has the same action for the same name as the next one.
            yield f"{place.label}{name}（{ACTIONS[(number + i) % len(ACTIONS)]}）"
