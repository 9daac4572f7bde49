"""The screen as text: the model laid out in columns for a terminal of a given size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Callable

from prompt_toolkit.utils import get_cwidth

from cli.desk.clean import cut, fold
from cli.desk.model import Desk, Package, Said, Talk, Waiting
from cli.desk.words import AUTHORS, CHANNELS, HELP, MOODS, REASONS, SKILLS

Line = list[tuple[str, str]]  # of (style, text)
Place = Callable[[str], str]  # a region's name by its code
MARGIN_ROWS = 5  # title, notice, two rows of input, keys
KEYS_LINE = "F1帮助 F2接入 F3-5建议 F6转接 F7交还 F8结束 F9暂停 F10退出"


@dataclass(frozen=True)
class Picture:
    """Rows of the whole width but for the three columns, which are `rows` high and `widths` wide."""

    title: Line
    left: list[Line]
    middle: list[Line]
    right: list[Line]
    notice: Line
    widths: tuple[int, int, int]


def picture(desk: Desk, columns: int, rows: int, at: datetime, place: Place) -> Picture:
    """Lay out the desk for `columns` × `rows` of a terminal (80 × 24 is enough)."""
    widths = _widths(columns, desk.help)
    height = max(rows - MARGIN_ROWS, 3)
    talk = desk.talk(desk.current)
    middle = [_plain(line) for line in _help(widths[1])] if desk.help else _conversation(desk, talk, widths[1], height - 1)
    return Picture(_title(desk, columns), _line(desk, widths[0], height, at, place), [_tabs(desk, widths[1], place), *middle],
                   [] if desk.help else _handed_over(talk, widths[2], height),
                   [("class:notice", cut(desk.notice, columns - 1))], widths)


def _widths(columns: int, help: bool) -> tuple[int, int, int]:
    side = min(max((columns - 2) * 28 // 100, 20), 36)
    right = 0 if help else side  # help takes the room of what is handed over
    return side, max(columns - 2 - side - right, 20), right


def _title(desk: Desk, columns: int) -> Line:
    state = ("class:ready", "就绪") if desk.ready else ("class:paused", "暂停")
    link = ("class:ready", "已连接") if desk.linked else ("class:alarm", "未连接，正在重连")
    waiting = f"　等候 {len(desk.waiting)}　会话 {len(desk.talks)}　"
    name = cut(desk.name, max(columns - 60, 10))
    return [("class:title", f" 12345 坐席 {name}　"), state, ("class:title", waiting), link]


def _line(desk: Desk, width: int, height: int, at: datetime, place: Place) -> list[Line]:
    lines: list[Line] = [[("class:head", f"等候的人（{len(desk.waiting)}）")]]
    for position, entry in enumerate(desk.waiting, 1):
        lines += _entry(position, entry, width, at, place)
    if len(lines) > height:
        lines = [*lines[:height - 1], _plain("……")]
    return lines


def _entry(position: int, entry: Waiting, width: int, at: datetime, place: Place) -> list[Line]:
    style = "class:alarm" if entry.alarm else "class:elderly" if entry.elderly else ""
    waited = _waited(entry.since, at)
    head = cut(f"{position} {'！' if entry.alarm else ''}{REASONS.get(entry.reason, entry.reason)}", width - get_cwidth(waited) - 1)
    marks = [place(entry.region), SKILLS.get(entry.skill, entry.skill), CHANNELS.get(entry.channel, ""), "老人" if entry.elderly else "",
             "生气" if entry.mood == "angry" and entry.reason != "angry" else "", "同事在接" if entry.held else ""]
    lines = [[(style or "class:strong", head + " " * (width - get_cwidth(head) - get_cwidth(waited)) + waited)],
             [(style, cut("  " + " ".join(filter(None, marks)), width))]]
    if entry.last_text:
        lines.append([("class:faint", cut(f"  “{entry.last_text}”", width))])
    return lines


def _waited(since: "datetime | None", at: datetime) -> str:
    if since is None:
        return ""
    seconds = max(int((at - since).total_seconds()), 0)
    return f"{seconds // 3600}时{seconds % 3600 // 60:02}分" if seconds >= 3600 else f"{seconds // 60}分{seconds % 60:02}秒"


def _tabs(desk: Desk, width: int, place: Place) -> Line:
    """The conversations by number, from the one that keeps the current one in view."""
    tabs = []
    for number, talk in enumerate(desk.talks, 1):
        mark = "" if talk.mine else "×"
        unread = f"●{talk.unread}" if talk.unread and talk.id != desk.current else ""
        label = cut(place(talk.region) or CHANNELS.get(talk.channel, ""), 8)
        tabs.append(("class:current" if talk.id == desk.current else "class:unread" if unread else "", f"[{number}{mark}{label}{unread}]"))
    here = next((index for index, talk in enumerate(desk.talks) if talk.id == desk.current), 0)
    while here and sum(get_cwidth(text) for _, text in tabs[:here + 1]) > width:
        tabs, here = tabs[1:], here - 1
    fitting: Line = []
    for tab in tabs:
        if sum(get_cwidth(text) for _, text in fitting) + get_cwidth(tab[1]) > width:
            break
        fitting.append(tab)
    return fitting or [("class:head", "会话")]


def _conversation(desk: Desk, talk: "Talk | None", width: int, height: int) -> list[Line]:
    if talk is None:
        return [_plain(line) for line in fold("按 F2 接入最该接的一位。" if not desk.talks else "按 Alt+数字 选一个会话。", width)]
    lines: list[Line] = []
    first_new = next((message.seq for message in talk.said if message.seq > talk.seen), None) if talk.seen else None
    last_read = next((message.seq for message in reversed(talk.said) if message.author == "operator" and message.seq <= talk.read), None)
    for message in reversed(talk.said):  # the newest first: of a long conversation no more is laid out than is looked at
        if len(lines) > height + desk.scroll:
            break
        divider: list[Line] = [[("class:unread", cut("── 以下是新消息 ──", width))]] if message.seq == first_new else []
        lines = [*divider, *_message(message, width, "（已读）" if message.seq == last_read else ""), *lines]
    for asked in desk.unsent(talk.id):
        state = {"open": "正在送", "kept": "已送到", "refused": "未送出"}[asked.state]
        style = "class:alarm" if asked.state == "refused" else "class:faint"
        lines += [[(style, line)] for line in fold(f"我（{state}）：{_shown(asked.text)}", width)]
    if talk.typing and desk.linked:
        lines.append([("class:faint", "对方正在输入……")])
    end = max(len(lines) - min(desk.scroll, max(len(lines) - height, 0)), 0)
    return lines[max(end - height, 0):end]


def _message(message: Said, width: int, mark: str) -> list[Line]:
    style = {"caller": "class:caller", "operator": "class:operator", "system": "class:faint"}.get(message.author, "")
    head = f"{message.at} {AUTHORS.get(message.author, message.author)}："
    return [[(style, line)] for line in fold(head + message.text + mark, width)]


def _handed_over(talk: "Talk | None", width: int, height: int) -> list[Line]:
    if talk is None:
        return [[("class:head", "移交的情况")]]
    advice: list[Line] = [[("class:head", "建议")]] if talk.suggestions else []
    for number, suggestion in enumerate(talk.suggestions, 1):
        advice.append([("class:strong", cut(f"F{number + 2} {suggestion.name}", width))])
        folded = fold(suggestion.text, width)
        advice += [_plain(line) for line in (folded if len(folded) < 3 else [folded[0], cut(folded[1] + folded[2], width)])]
    package = _package(talk.package, width) if talk.package else [_plain("正在取……")]
    room = height - len(advice) - 1
    if len(package) > room:
        package = [*package[:max(room - 1, 0)], _plain("……")]
    return [[("class:head", "移交的情况")], *package, *advice][:height]


def _package(package: Package, width: int) -> list[Line]:
    lines: list[Line] = []
    marks = [REASONS.get(package.reason, package.reason), MOODS.get(package.mood, package.mood), "老人" if package.elderly else ""]
    lines += [[("class:strong", line)] for line in fold("，".join(dict.fromkeys(filter(None, marks))), width)]
    told = [package.note and f"留言：{package.note}", package.caller and f"号码：{package.caller}", package.summary,
            package.failed and f"没答上：{'；'.join(package.failed)}",
            package.ticket and f"工单：{package.ticket}", package.form and f"正在登记：{package.form}",
            *(f"{label}：{value}" for label, value in package.filled), package.missing and f"还缺：{'、'.join(package.missing)}"]
    for text in filter(None, told):
        lines += [_plain(line) for line in fold(str(text), width)]
    return lines


def _help(width: int) -> list[str]:
    return [piece for line in HELP for piece in fold(line, width)]


def _plain(text: str) -> Line:
    return [("", text)]


def _shown(text: str) -> str:
    return text.replace("\n", " ")
