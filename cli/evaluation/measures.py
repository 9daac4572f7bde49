"""Figures over verdicts; each is a share with its denominator."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Callable, Iterable, Mapping, Sequence

from cli.evaluation.verdict import Verdict


@dataclass(frozen=True)
class Share:
    """`hits` out of `of`."""

    hits: int
    of: int

    def __str__(self) -> str:
        return f"{100 * self.hits / self.of:.1f} % ({self.hits}/{self.of})" if self.of else "–"


def share(flags: Iterable[bool]) -> Share:
    """Count the true ones."""
    flags = list(flags)
    return Share(sum(flags), len(flags))


@dataclass(frozen=True)
class Measure:
    """A figure by its English and Chinese name; `scope` picks the verdicts that count, `hit` those that count as hits."""

    name: str
    chinese: str
    scope: Callable[[Verdict], bool]
    hit: Callable[[Verdict], bool]

    def of(self, verdicts: Iterable[Verdict]) -> Share:
        """Return the share among these verdicts."""
        return share(self.hit(verdict) for verdict in verdicts if self.scope(verdict))


def _all(_: Verdict) -> bool:
    return True


def _route(route: str) -> Callable[[Verdict], bool]:
    return lambda verdict: verdict.question.route == route


def _unanswerable(note: str) -> Callable[[Verdict], bool]:
    return lambda verdict: verdict.question.route == "none" and verdict.question.note == note


def _served(verdict: Verdict) -> bool:
    return verdict.question.route in ("item", "life_event", "policy")


def _outcome(outcome: str, right: bool | None = None) -> Callable[[Verdict], bool]:
    return lambda verdict: verdict.outcome == outcome and right in (None, verdict.right)


def _same_route(verdict: Verdict) -> bool:
    return verdict.route == verdict.question.route


MEASURES: tuple[Measure, ...] = (
    Measure("wrong-answer rate, all questions", "答错率（全部问题）", _all, lambda v: v.harmful),
    Measure("route, all questions", "走向正确", _all, _same_route),
    Measure("route, item questions", "走向正确：事项", _route("item"), _same_route),
    Measure("route, life-event questions", "走向正确：一件事", _route("life_event"), _same_route),
    Measure("route, policy questions", "走向正确：政策", _route("policy"), _same_route),
    Measure("route, ticket questions", "走向正确：工单", _route("ticket"), _same_route),
    Measure("out-of-scope refused", "不归这里答的，没有乱答", _route("none"), _same_route),
    Measure("refused: matters of government not listed", "其中未收录的事项", _unanswerable("未收录的事项"), _same_route),
    Measure("refused: no matter of government", "其中范围外的", _unanswerable("范围外"), _same_route),
    Measure("top-1, item questions", "第一名正确：事项", _route("item"), lambda v: v.rank(1)),
    Measure("top-3, item questions", "前三名有对的：事项", _route("item"), lambda v: v.rank(3)),
    Measure("top-1, life-event questions", "第一名正确：一件事", _route("life_event"), lambda v: v.rank(1)),
    Measure("policy answer first, policy questions", "政策排第一", _route("policy"), lambda v: v.rank(1)),
    Measure("facet, questions that name one", "要素正确", lambda v: v.question.facet is not None, lambda v: v.heard.facet == v.question.facet),
    Measure("region, questions that name one", "区划正确", lambda v: v.question.region is not None, lambda v: v.heard.region == v.question.region),
    Measure("answered right, questions with an answer here", "直接答对", _served, _outcome("answered", True)),
    Measure("answered wrong, questions with an answer here", "直接答错", _served, _outcome("answered", False)),
    Measure("right item but not the facet asked for", "事项对、要素不对", lambda v: _served(v) and v.question.facet is not None,
            lambda v: v.outcome == "answered" and v.right and v.heard.facet != v.question.facet),
    Measure("asked back with the right choice", "反问，含正确项", _served, _outcome("asked back", True)),
    Measure("asked back without the right choice", "反问，不含正确项", _served, _outcome("asked back", False)),
    Measure("not answered, questions with an answer here", "没有作答", _served, _outcome("abstained")),
    Measure("taken for a request to be filed", "误当成诉求登记", _served, _outcome("ticket")),
    Measure("answered although nothing here is right", "不该答却答了", lambda v: not _served(v), _outcome("answered")),
    Measure("asked back although nothing here is right", "不该答却反问", lambda v: not _served(v), _outcome("asked back")),
    Measure("ticket type, ticket questions", "工单类型正确", _route("ticket"), lambda v: v.ticket_type == v.question.ticket_type),
    Measure("taken for an emergency, all questions", "误报紧急", _all, _outcome("alarm")),
)
GROUP_COLUMNS = ("top-1", "top-3", "answered right", "answered wrong", "asked back, right choice", "not answered or astray")


def group_row(verdicts: Sequence[Verdict]) -> tuple[Share, ...]:
    """Return the figures of one group of questions, in the order of GROUP_COLUMNS."""
    astray = ("abstained", "ticket", "alarm")
    return (share(v.rank(1) for v in verdicts), share(v.rank(3) for v in verdicts), share(v.outcome == "answered" and v.right for v in verdicts),
            share(v.harmful for v in verdicts), share(v.outcome == "asked back" and v.right for v in verdicts),
            share(v.outcome in astray or (v.outcome == "asked back" and not v.right) for v in verdicts))


def by_topic(verdicts: Iterable[Verdict], topics: Mapping[str, str]) -> dict[str, list[Verdict]]:
    """Group the questions that name a code by the topic of their first one; a code without one goes under '—'."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.question.codes:
            groups.setdefault(topics.get(verdict.question.codes[0], "—"), []).append(verdict)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def by_facet(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Group the questions that name a facet."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.question.facet:
            groups.setdefault(verdict.question.facet, []).append(verdict)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def by_note(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Group by the note, which names the kind of noise."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.question.note or "—", []).append(verdict)
    return dict(sorted(groups.items()))


def facet_mistakes(verdicts: Iterable[Verdict]) -> list[tuple[str, int]]:
    """Return what was taken instead of the right facet, most frequent first; 'none' where no facet was heard."""
    return Counter(v.heard.facet or "none" for v in verdicts if v.heard.facet != v.question.facet).most_common()


def worst(verdicts: Iterable[Verdict], limit: int) -> list[Verdict]:
    """Return the worst failures: false alarms, wrong answers (the surest first), then callers led astray or left without an answer."""
    order = {"alarm": 0, "answered": 1, "ticket": 2, "abstained": 3, "asked back": 4}
    failures = [verdict for verdict in verdicts if not verdict.right]
    return sorted(failures, key=lambda v: (order[v.outcome], -(v.first.score if v.first else 0.0), v.question.line))[:limit]


def percentile(values: Sequence[float], rank: float) -> float:
    """Return the value below which `rank` (0..1) of the values lie; raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[min(len(values) - 1, int(rank * len(values)))]
