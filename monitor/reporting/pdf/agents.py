"""The section of a printed report on agents' time."""

from typing import Final

from monitor.reporting.agent_model import AgentResults, Agents
from monitor.reporting.model import Report
from monitor.reporting.pdf.blocks import Column, Section
from monitor.reporting.words import NOTHING, Language

MONTHS_BESIDE: Final = 6
_TITLES: Final = (
    "logged_in", "paused", "occupancy", "conversations", "aht", "talk", "hold", "wrap_up",
)  # fmt: skip


def agents(report: Report, say: Language) -> Section:
    """Agents' time by team and month; nothing where none was seen."""
    section = Section("agents", say("s.agents"))
    found = report.agents
    if found is None:
        return section
    section.text(say("p.agents"))
    if found.total.unobserved_s:
        section.text(say("p.agents_unobserved", unobserved=say.duration(found.total.unobserved_s)))
    section.table(
        say("t.agents"),
        [Column(say("c.team"), "left", 1), *(Column(say(f"c.{title}")) for title in _TITLES)],
        [_row(say, one.team or say("no_team"), one.results) for one in found.teams],
        total=_row(say, say("total"), found.total),
        small=True,
    )
    _months(section, report, found, say)
    return section


def _row(say: Language, name: str, results: AgentResults) -> list[str]:
    return [
        name, say.duration(results.logged_in_s), say.duration(results.paused_s),
        say.ratio(results.occupancy), say.number(results.conversations),
        *(say.seconds(one, 0) for one in (
            results.average_handle_s, results.average_talk_s, results.average_hold_s,
            results.average_wrap_up_s,
        )),
    ]  # fmt: skip


def _months(section: Section, report: Report, found: Agents, say: Language) -> None:
    names = [month.month for month in report.months]
    if len(names) < 2:  # noqa: PLR2004 - one month is the total
        return
    cells = {(m.team, m.month): m.results for m in (*found.months, *found.team_months)}
    for start in range(0, len(names), MONTHS_BESIDE):
        shown = names[start : start + MONTHS_BESIDE]

        def row(team: str | None, name: str, shown: list[str] = shown) -> list[str]:
            return [name, *(_cell(say, cells[team, month]) for month in shown)]

        section.table(
            say("t.agent_months"),
            [Column(say("c.team"), "left", 1),
             *(Column(say.month(month, short=True)) for month in shown)],
            [row(one.team, one.team or say("no_team")) for one in found.teams],
            total=row(None, say("total")),
            small=True,
        )  # fmt: skip


def _cell(say: Language, results: AgentResults) -> str:
    if results.occupancy.value is None:
        return NOTHING
    return f"{say.ratio(results.occupancy)}\n{say.seconds(results.average_handle_s, 0)}"
