"""Writes the tables of ``docs/guarantees.md`` from the rows: what Minuteur guarantees.

    python -m tests.asterisk_lab.guarantees           rewrite the page's tables
    python -m tests.asterisk_lab.guarantees --check   only say whether they are up to date

What people write stands outside the two marks in the page, and stays as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .caller_rows import CALLERS, VOICE
from .callers import FOREVER, Agent, Caller
from .local_rows import CHANNELS
from .more_scenarios import MORE
from .queue_ways import RINGING, WAYS_OUT
from .scenarios import REQUIRED, Act, Call, Expected, Row
from .taking_rows import BEFORE_ANSWER, PARKING
from .transfer_rows import TRANSFERS
from .turn_rows import WHO_IS_NEXT
from .voice_rows import CALLS

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
BEGIN = "<!-- Written by `make guarantees` from tests/asterisk_lab; do not edit by hand. -->"
END = "<!-- end of what `make guarantees` writes -->"

SECTIONS: tuple[tuple[str, Sequence[Row]], ...] = (
    ("Answered, abandoned, refused", REQUIRED),
    ("Further ways in and out", MORE),
    ("Transfers", TRANSFERS),
    ("Moved before the answer, picked up", BEFORE_ANSWER),
    ("Parking and hold", PARKING),
    ("Local channels and other changes of channels", CHANNELS),
    ("How agents are rung", RINGING),
    ("Ways out of a queue", WAYS_OUT),
    ("Whose turn it is", WHO_IS_NEXT),
    ("Callers and what they show", CALLERS),
    ("Calls that a voice server ends", VOICE),
)

VOICE_SERVERS = {
    "stasis-key": "an ARI application gets a digit; then the queue, then an agent",
    "stasis-hangup": "the caller hangs up in an ARI application that counts when reached",
    "stasis-first-input": "an ARI application that counts on the first input gets a digit",
    "stasis-no-input": "an ARI application that counts on the first input gets none",
    "stasis-twice": "the caller goes through an ARI application twice",
    "stasis-dead": "an ARI application that nobody serves takes care of nobody",
    "contexts-key": "a voice server of several contexts, declared by a pattern, gets a digit",
    "contexts-two": "the caller moves between two contexts of one voice server: one stay",
    "reported-input": "a voice server reports itself and the caller's input (`UserEvent`)",
    "reported-hangup": "the caller hangs up in a voice server that reports itself, without input",
}
"""The kinds of voice servers, in words: what ``voice_rows.py`` plays."""

HEAD = "| situation | what is done | the caller's timeline | the record |\n|---|---|---|---|\n"
SHORT_HEAD = "| situation | what is done | the record |\n|---|---|---|\n"


def tables() -> str:
    """All sections, as Markdown."""
    parts = []
    for title, rows in SECTIONS:
        if rows:
            parts.append(f"### {title}\n\n{HEAD}" + "".join(map(line, rows)))
    parts.append(f"### Voice servers of every kind\n\n{SHORT_HEAD}" + "".join(_voice_lines()))
    return "\n".join(parts)


def line(row: Row) -> str:
    """One row of the table; several callers of one situation are numbered."""
    told = list(_calls(row))
    numbered = len(told) > 1
    steps = [*_agents(row), *_callers(row, numbered=numbered), *map(_act, row.acts)]
    timelines = _listed([_timeline(one) for one in told], numbered=numbered)
    records = _listed([_record(one) for one in told], numbered=numbered)
    cells = (f"{row.title} (`{row.name}`)", "<br>".join(steps), timelines, records)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _voice_lines() -> Iterator[str]:
    for name, one in CALLS.items():
        done = next(_callers(Row(name, name, (one,)), numbered=False))
        yield f"| {VOICE_SERVERS.get(name, name)} (`{name}`) | {done} | {_record(one)} |\n"


def _calls(row: Row) -> Iterator[Call]:
    """The row's calls, those that end alike only once."""
    seen: list[Expected] = []
    for one in row.calls:
        if one.expected is None or one.expected not in seen:
            yield one
        if one.expected is not None:
            seen.append(one.expected)


def _listed(texts: list[str], *, numbered: bool) -> str:
    if not numbered:
        return texts[0]
    if len(set(texts)) == 1:
        return f"each: {texts[0]}"
    return "<br>".join(f"{n}. {text}" for n, text in enumerate(texts, 1))


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g} s"


# --- what is done --------------------------------------------------------------------------------


def _agents(row: Row) -> Iterator[str]:
    for agent in row.agents:
        yield f"{agent.name} {_behaviour(agent)}"
    for queue, interfaces in row.members.items():
        yield f"queue {queue}: {', '.join(map(_bare, interfaces))}"


def _bare(interface: str) -> str:
    kind, _, name = interface.partition("/")
    if not name:
        return interface
    return name if kind == "PJSIP" else f"`{interface}`"


def _behaviour(agent: Agent) -> str:
    if agent.declines:
        return f"declines after {_seconds(agent.ring)}"
    if agent.deflects_to:
        return f"sends the call on to {agent.deflects_to}"
    if agent.ring == FOREVER:
        return "does not answer"
    text = f"answers after {_seconds(agent.ring)}"
    if agent.refers_to:
        return f"{text}, hands the caller over to {agent.refers_to}"
    if agent.holds:
        return f"{text}, holds the caller for {_seconds(agent.holds)}"
    return text if agent.talk == FOREVER else f"{text}, hangs up {_seconds(agent.talk)} later"


def _callers(row: Row, *, numbered: bool) -> Iterator[str]:
    for n, one in enumerate(row.calls, 1):
        many = f"{one.count} callers dial" if one.count > 1 else "the caller dials"
        if one.via == "outgoing":
            yield f"an agent dials {one.caller.exten} through the trunk"
            continue
        who = f"{n}. {many}" if numbered or len(row.calls) > 1 else many
        if row.calls[0].start != one.start:
            who = f"{who}, {_seconds(one.start - row.calls[0].start)} later,"
        inside = " inside Asterisk (a Local channel)" if one.via == "local" else ""
        yield f"{who} `{one.caller.exten}`{inside}{_patience(one.caller)}{_shown(one.caller)}"


def _patience(caller: Caller) -> str:
    digit = f", presses {caller.digit} after {_seconds(caller.digit_after)}" if caller.digit else ""
    if caller.stay == FOREVER:
        return digit
    return f"{digit}, hangs up after {_seconds(caller.stay)}"


def _shown(caller: Caller) -> str:
    number = "" if caller.number is None else f", shows {_quoted(caller.number, 'number')}"
    name = "" if caller.name is None else f", is called {_quoted(caller.name, 'name')}"
    withheld = ", asks the network to withhold the number" if caller.withheld else ""
    return number + name + withheld


def _quoted(text: str, what: str) -> str:
    return f"`{text}`" if text else f"no {what}"


def _act(act: Act) -> str:
    said = {key: _bare(value.strip("{}")) for key, value in act.fields.items()}
    if act.action == "QueuePause":
        done = "pauses in" if said.get("Paused") == "true" else "is back in"
        what = f"{said['Interface']} {done} {said.get('Queue', 'all queues')}"
    elif act.action == "QueuePenalty":
        what = f"{said['Interface']} has penalty {said['Penalty']} in {said['Queue']}"
    else:
        what = " ".join([act.action, *(value for key, value in said.items() if key in _TOLD)])
    return f"{'then' if act.once else 'at ' + _seconds(act.at)}: {what}"


_TOLD = {"Queue", "Interface", "Channel", "Channel1", "Channel2", "Exten", "Caller"}
"""The fields of an action that a reader wants to see."""


# --- what comes of it ----------------------------------------------------------------------------


def _timeline(one: Call) -> str:
    return "" if one.expected is None else one.expected.timeline


def _record(one: Call) -> str:
    if one.via == "outgoing":
        return "no call of a caller's: no record"
    if one.expected is None:
        return "as the queue log says, call by call"
    return "; ".join(_facts(one.expected))


def _facts(expected: Expected) -> Iterator[str]:
    short = " (short)" if expected.short else ""
    yield f"**{expected.verdict}**{short}"
    if expected.visits:
        yield ", ".join(f"{queue}: {exit_}" for queue, exit_ in expected.visits)
    if expected.handled_by == "agent" and expected.agent:
        yield f"handled by {_bare(expected.agent)}"
    elif expected.handled_by == "agent":
        yield "handled by an agent"
    elif expected.handled_by == "voice_server":
        then = f", then {_bare(expected.agent)}" if expected.agent else ""
        yield f"handled by a voice server{then}"
    for name, inputs in expected.stays:
        yield f"in {name}: {'pressed ' + inputs if inputs else 'no input'}"


# --- the page ------------------------------------------------------------------------------------


def written(page: str) -> str:
    """The page with the tables written anew between the marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing")
    chosen = parser.parse_args(arguments)
    old = PAGE.read_text()
    new = written(old)
    if old == new:
        return 0
    if chosen.check:
        sys.stderr.write(f"{PAGE.name} is not up to date: run make guarantees\n")
        return 1
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
