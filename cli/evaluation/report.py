"""docs/evaluation.md: the figures as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Mapping, Sequence

from cli.evaluation import alarms, intents, measures, reliability, routing
from cli.evaluation.effort import Effort, effort
from cli.evaluation.verdict import Verdict

WORST = 25
WORST_OF_GROUP = 2
PICTURE = "pictures/reliability.png"  # beside the report
PAIRS = 10


@dataclass(frozen=True)
class Results:
    """All that was measured, and of what; `about` are names and values for the head of the report."""

    about: Mapping[str, str]
    verdicts: Sequence[Verdict]
    guesses: Sequence[intents.Guess]
    alarm_rows: Sequence[alarms.AlarmRow]
    mistakes: Sequence[alarms.Mistake]
    topics: Mapping[str, str]
    noisy: Sequence[Verdict] = ()
    needed: Mapping[int, int | None] = field(default_factory=dict)  # line of an item question → questions back, None: never reached
    routed: Sequence[routing.Routed] = ()

    def effort(self, verdicts: Iterable[Verdict]) -> Effort:
        """Return what it takes to reach the right item in those of `verdicts` that ask for one."""
        return effort(self.needed[v.question.line] for v in verdicts if v.question.line in self.needed)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def markdown(results: Results) -> str:
    """Return the whole report."""
    verdicts = results.verdicts
    parts = [
        "<!-- Written by `hotline evaluate`; changes by hand are lost. -->", "# Evaluation", _ABOUT, table(("what", "value"), results.about.items()),
        "## Questions", _QUESTIONS, _summary(results),
        "### By topic, items and life events", _topics(results),
        "### By facet", _facets(verdicts),
        f"### The {WORST} worst failures", _worst(verdicts),
        "### Questions back until the right item is reached", _EFFORT, _efforts(results),
        "### What a chance is worth", _RELIABILITY, *_reliability(verdicts),
        "### Policy questions and the answer found", _POLICIES, _policies(verdicts),
        "## Noised questions", _NOISE, _noise(results.noisy),
        "## Intents", *_intents(results.guesses),
        "## Alarms", _ALARMS, *_alarms(results),
        "## Dispatch", _DISPATCH, *_dispatch(results.routed),
        "## Time to parse", _times(verdicts),
    ]
    return "\n\n".join(parts) + "\n"


_ABOUT = ("How the trained pipeline, the knowledge base and the safety rules do on texts that were written apart from them "
          "(`nlu_data/evaluation/README.md`). Every figure stands with its denominator.")
_QUESTIONS = ("Each question is judged as the first turn of a conversation. Lines of even index form the tuning half, on which thresholds "
              "may be set; the others only judge. An answer is wrong when it comes from a wrong item, or when no answer is right at all: it "
              "costs a citizen a journey, so its rate is counted over all questions and apart from those that were not answered.")
_NOISE = ("Questions noised by hand as speech recognition and typing do it (`nlu_data/evaluation/noisy.jsonl`): homophones, near sounds, "
          "characters dropped or doubled, fillers, cut beginnings, a second clause, pinyin, traditional and wrong characters.")
_EFFORT = ("What a caller who answers rightly is asked back before the right item is his: none when it was answered at once. It is out of reach "
           "where something else was answered, where nothing was, or where it is not among what is asked about.")
_RELIABILITY = ("The chance of the first candidate against how often it is right, in ten bins over the judging half; questions that ask for a "
                "ticket are left out.")
_POLICIES = "Policy questions name no code: any policy answer counts as right above. These are the pairs, to be judged by eye."
_ALARMS = "`written` is the half that the rules were made from, `judge` the half that only judges. Wrong: an alarm missed, a look-alike raised."

_DISPATCH = ("Spoken requests (`nlu_data/evaluation/routing.jsonl`) and the category and office that the catalogue of duties gives them. Lines of "
             "even index form the tuning half. The backstop is the district's hotline centre, which sends on by hand what no category fits.")


def _halves(verdicts: Sequence[Verdict]) -> tuple[Sequence[Verdict], ...]:
    return verdicts, [v for v in verdicts if v.question.half == "tuning"], [v for v in verdicts if v.question.half == "judging"]


def _summary(results: Results) -> str:
    halves = _halves(results.verdicts)
    return table(("figure", "all", "tuning half", "judging half"), ((m.name, *map(m.of, halves)) for m in measures.MEASURES))


def _topics(results: Results) -> str:
    groups = measures.by_topic(results.verdicts, results.topics)
    return table(("topic", *measures.GROUP_COLUMNS, "worst"), (_group(topic, group) for topic, group in groups.items()))


def _noise(verdicts: Sequence[Verdict]) -> str:
    rows = [_group(kind, group) for kind, group in measures.by_note(verdicts).items()]
    return table(("noise", *measures.GROUP_COLUMNS, "worst"), [*rows, ("all", *measures.group_row(verdicts), "")])


def _group(name: str, group: Sequence[Verdict]) -> tuple[object, ...]:
    failures = (f"“{v.question.text}” {_got(v)}" for v in measures.worst(group, WORST_OF_GROUP))
    return name, *measures.group_row(group), "<br>".join(failures) or "–"


def _facets(verdicts: Sequence[Verdict]) -> str:
    return table(("facet", "facet heard right", "taken for", *measures.GROUP_COLUMNS[2:4], "misheard"),
                 (_facet_row(facet, group) for facet, group in measures.by_facet(verdicts).items()))


def _efforts(results: Results) -> str:
    efforts = [results.effort(half) for half in _halves(results.verdicts)]
    return table(("figure, item questions", "all", "tuning half", "judging half"),
                 (("mean number of questions back", *(each.mean for each in efforts)),
                  ("the right item is out of reach", *(each.unreachable for each in efforts))))


def _reliability(verdicts: Sequence[Verdict]) -> list[str]:
    found = reliability.bins(reliability.judged(_halves(verdicts)[2]))
    rows = ((f"{each.low:.1f}–{each.high:.1f}", f"{each.chance:.2f}", each.right) for each in found)
    return [table(("chance", "mean chance", "right"), rows), f"Mean distance of chance and truth: {reliability.error(found):.3f}.",
            f"![Chance and truth]({PICTURE})"]


def _facet_row(facet: str, group: Sequence[Verdict]) -> tuple[object, ...]:
    mistakes = ", ".join(f"{name} {count}" for name, count in measures.facet_mistakes(group))
    misheard = [f"“{v.question.text}” {v.heard.facet or 'none'}" for v in group if v.heard.facet != facet][:WORST_OF_GROUP]
    return (facet, measures.share(v.heard.facet == facet for v in group), mistakes or "–", *measures.group_row(group)[2:4],
            "<br>".join(misheard) or "–")


def _expected(verdict: Verdict) -> str:
    question = verdict.question
    return " or ".join(question.codes) or " ".join(filter(None, (question.route, question.ticket_type, question.note)))


def _got(verdict: Verdict) -> str:
    if verdict.outcome in ("answered", "asked back") and verdict.first:
        return f"{verdict.outcome}: {verdict.first.name} {verdict.first.score:.2f}, by “{verdict.first.matched_on}”"
    return f"{verdict.outcome}: {verdict.heard.alarm or verdict.heard.intent}"


def _worst(verdicts: Sequence[Verdict]) -> str:
    return table(("half", "question", "right", "what the caller gets"),
                 ((v.question.half, v.question.text, _expected(v), _got(v)) for v in measures.worst(verdicts, WORST)))


def _policies(verdicts: Sequence[Verdict]) -> str:
    return table(("question", "about", "what the caller gets"),
                 ((v.question.text, v.question.note or "", _got(v)) for v in verdicts if v.question.route == "policy"))


def _intents(guesses: Sequence[intents.Guess]) -> list[str]:
    alone, decided = intents.accuracy(guesses)
    return [f"Held-out sentences (`nlu_data/evaluation/intents.yml`): the classifier alone is right on {alone}, after the decision {decided}. "
            f"The {PAIRS} most confused pairs:", table(("right", "taken for", "times"), intents.confusions(guesses, PAIRS))]


def _alarms(results: Results) -> list[str]:
    rows = results.alarm_rows
    parts = [table(("half", "alarms missed", "look-alikes raised"),
                   ((half, alarms.missed(rows, half), alarms.raised(rows, half)) for half in alarms.halves(rows))),
             table(("half", "kind", "wrong", "sent to other numbers only"), ((r.half, r.kind, r.wrong, r.elsewhere) for r in rows))]
    # The calls of the judging half are not shown: whoever mends the rules must not learn them by heart.
    told = [(m.call.half, m.call.kind, m.taken or "nothing", m.call.text) for m in results.mistakes if m.call.half != "judge"]
    return [*parts, table(("half", "kind", "taken for", "call"), told)] if told else parts


def _dispatch(routed: Sequence[routing.Routed]) -> list[str]:
    halves = [routing.figures(half) for half in routing.halves(routed)]
    wrong = [(one.request.text, " or ".join(one.request.categories), one.categories[0]) for one in routed
             if one.request.half == "tuning" and one.office not in one.offices]
    # The judging half is not shown: whoever tunes the router must not learn it by heart.
    return [table(("figure", "all", "tuning half", "judging half"), zip(routing.FIGURES, *halves)),
            table(("tuning half: sent to a wrong office", "right", "sent as"), wrong)]


def _times(verdicts: Sequence[Verdict]) -> str:
    seconds = [v.heard.seconds for v in verdicts]
    return (f"For information, on whatever machine ran this: p50 {1000 * measures.percentile(seconds, 0.5):.1f} ms, "
            f"p99 {1000 * measures.percentile(seconds, 0.99):.1f} ms.")
