"""docs/reliability.md: the results of runs, and what nobody has tested."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from faults.results import KeptRun
from faults.rows.drawn import NUMBER
from faults.runner import Result
from faults.table import render_head, render_row, render_summary, render_violations

PAGE: Final = Path("docs/reliability.md")
# Of more drawn sequences, those that held are summed up in one line.
MOST_DRAWN: Final = 5
INTRODUCTION: Final = """\
# Reliability

What happens to submissions, decisions and feeds while processes are killed, stalled and starved. `make faults` plays
every row below with real processes: three Kafka brokers, a MongoDB replica set of three, three services. Meanwhile
twenty organisations send in, edit, cancel and withdraw, two curators decide, and readers poll three formats; whoever
gets no answer, or a 503, repeats with the same `Idempotency-Key`. Afterwards everything is looked at from outside: what
the services answer, what the feeds hold, what stands on the topics. This page is written by `python -m faults --write`,
or from kept runs by `python -m faults --page`.

Each row begins with empty outboxes and no lag, and with events of its own. The columns count what broke:

- **accepted**: acts that were answered as done.
- **lost**: of these, what is missing, or is not as it was last acknowledged, in ingest, calendar or a feed.
- **doubled**: an event under two UIDs, a key with two submissions, a message in two forms.
- **went back**: a revision that fell in a feed, an event that vanished without a withdrawal, a topic that ends older.
- **leaked**: a text in a feed that nobody had accepted by then, a submission that another organisation could read.
- **not honest**: a refusal that is no problem document (4xx, or 503 with `Retry-After`), silence of a service that was
  there, an act of which nobody can find out what became of it.
- **feeds not 200**: polls that distribution did not answer with 200 though it lived and was ready.
- **healed in s**: from the end of the fault until outboxes and lag were 0 and everything was ready, by itself.
"""
NOT_TESTED: Final = """\
## What this does not show

- Power loss of all nodes at once. Kafka acknowledges from the page cache of its replicas; MongoDB journals.
- Bits that rot on disk or in memory, and disks that lie about what they have written.
- Brokers, databases or services that answer falsely on purpose; operators with access to the databases.
- Partitions and lossy links of a network: processes were stopped and killed, links were not cut.
- Webhooks (there are none yet), and sessions and tokens under a wrong clock.
- While calendar's clock is wrong, changes are not in their order: who follows the pages of a JSON feed may miss an
  event until they read the feed again from its first page (row 20). iCal and RSS have no pages.
- Other numbers of replicas than one of each service (except while members join and leave), and hours of it.
- Rows 7, 12, 21, 23, 24, 25, 27, 29 and 31 of the matrix: a minority partition, a leaderless partition, the nights when
  clocks change (unit tests do that), receivers of webhooks, a wiped distribution, a soak, two releases side by side, a
  restored backup, one-way loss between a service and a broker.
"""


def render_page(runs: Sequence[KeptRun]) -> str:
    """Of one run, or of several."""
    results = [each for run in runs for each in run.results]
    totals = f"{sum(each.accepted for each in results):,} acts were accepted; {_summarize(results)}."
    return "\n".join(
        [
            INTRODUCTION,
            *_list_facts(runs),
            "",
            totals,
            "",
            render_head(),
            *_render_lines(results),
            "",
            *_render_broken(results),
            NOT_TESTED,
        ]
    )


def _list_facts(runs: Sequence[KeptRun]) -> Sequence[str]:
    # Of several runs the first describes the machine.
    facts = {**runs[0].described} if runs else {}
    facts.pop("load by", None)
    facts["first seed of each run"] = ", ".join(f"{each.seed} ({'long' if each.long else 'short'})" for each in runs)
    return [f"- {what}: {found}" for what, found in facts.items()]


def _render_lines(results: Sequence[Result]) -> Sequence[str]:
    # The many drawn sequences that held share a line.
    drawn = [each for each in results if NUMBER in each.row.numbers and each.good]
    if len(drawn) <= MOST_DRAWN:
        return [render_row(each) for each in results]
    return [*(render_row(each) for each in results if each not in drawn), render_summary(drawn)]


def _render_broken(results: Sequence[Result]) -> Sequence[str]:
    told = [f"- Row {each.row.name}:\n\n{render_violations(each)}\n" for each in results if each.violations]
    return ["## What broke", "", *told] if told else []


def _summarize(results: Sequence[Result]) -> str:
    broken = [each.row.name for each in results if each.violations]
    not_run = [each.row.name for each in results if each.skipped]
    said = [f"broken: rows {'; '.join(broken)}" if broken else "nothing broke"]
    if not_run:
        said.append(f"**not run: rows {'; '.join(not_run)}**")
    return ", ".join(said)
