from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import orjson
import pytest

from monitor.core.calendars import ALWAYS, Calendar, OpeningHours
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND
from monitor.core.contact_period import OtherChannels
from monitor.core.indicators import Ratio
from monitor.core.period import Dimension, PeriodFigures, count_all
from monitor.core.tallies import Histogram, VisitTally
from monitor.evidence.documents import policy_document
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import open_history
from monitor.history.policies import canonical, current_policy
from monitor.history.writer import BatchWriter
from monitor.reporting.build import Given, Version, build, previous_period
from monitor.reporting.changes import changes
from monitor.reporting.model import MAIN_PERCENTS, Change, as_json, plain
from monitor.reporting.opening_time import OpenTime, open_spans
from monitor.reporting.packs import report_of
from monitor.reporting.reading import ReportReader, Wanted
from monitor.reporting.results import bins, percentiles, service_level_levels
from tests.bench import big_record
from tests.reporting import samples
from tests.reporting.samples import PARIS, SINCE, UNTIL, moment, policy

KEY = Pseudonyms(bytes(32))


def test_the_worked_example_of_the_field_gives_its_five_percentages() -> None:
    tally = VisitTally(
        offered=1060, answered=1000, answered_within=860, abandoned=60, abandoned_within=20,
        abandoned_short=10,
    )  # fmt: skip
    shown = [
        f"{100 * (level.ratio.value or 0):.2f}" for level in service_level_levels(tally).values()
    ]
    assert shown == ["83.02", "86.00", "81.13", "82.69", "82.08"]


def test_the_same_counts_give_the_same_bytes() -> None:
    given = samples.given()
    bare = replace(given, generated=None)
    assert as_json(build(given)) == as_json(build(given))
    told = orjson.loads(as_json(build(given)))
    assert told.pop("generated")["by"] == "quality"
    assert {**told, "generated": None} == orjson.loads(as_json(build(bare)))


def test_queues_and_months_add_up_to_the_total() -> None:
    report = samples.report()
    for parts in (report.queues, report.months):
        for name in ("calls", "met", "breached", "abandoned", "refused", "excluded", "unknown"):
            several = sum(getattr(part.results.calls, name) for part in parts)
            assert several == getattr(report.total.calls, name)
        assert sum(part.results.visits.offered for part in parts) == report.total.visits.offered
    assert sum(cell.calls for cell in report.queue_months) == report.total.calls.calls
    assert sum(bin_.calls for bin_ in report.waits) == report.total.calls.waits.count
    assert sum(why.calls for why in report.exclusions) == report.total.calls.excluded
    assert [month.month for month in report.months] == [f"2026-{n:02d}" for n in range(4, 10)]


def test_the_rate_is_a_range_where_unknowns_are() -> None:
    calls = samples.report().total.calls
    judged = calls.met + calls.breached
    assert calls.unknown > 0
    assert calls.rate.ratio == Ratio(calls.met, judged)
    assert calls.rate.range.low == Ratio(calls.met, judged + calls.unknown)
    assert calls.rate.range.high == Ratio(calls.met + calls.unknown, judged + calls.unknown)


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        ((2026, 4, 1), (2026, 10, 1), (2025, 10, 1)),
        ((2026, 3, 1), (2026, 4, 1), (2026, 2, 1)),
        ((2026, 3, 28), (2026, 3, 31), (2026, 3, 25)),  # summer time begins in it
        ((2026, 1, 1), (2027, 1, 1), (2025, 1, 1)),
    ],
)
def test_the_period_before_has_as_many_months_or_days(
    since: tuple[int, int, int], until: tuple[int, int, int], before: tuple[int, int, int]
) -> None:
    found = previous_period(moment(*since), moment(*until), PARIS)
    assert found == (moment(*before), moment(*since))


def test_the_period_before_some_hours_has_as_many_milliseconds() -> None:
    since, until = moment(2026, 4, 1, 9), moment(2026, 4, 1, 12)
    assert previous_period(since, until, PARIS) == (since - 3 * HOUR, since)


# --- opening time and coverage --------------------------------------------------------------------


def test_opening_time_follows_the_calendar_and_the_clocks() -> None:
    nights = Calendar("n", OpeningHours(((6, time(0), time(4)), (0, time(22), time.max))))
    # On 2026-03-29 the clocks go from 2 to 3, on 2026-10-25 from 3 back to 2.
    spring = list(open_spans(nights, moment(2026, 3, 28), moment(2026, 3, 31), PARIS))
    autumn = list(open_spans(nights, moment(2026, 10, 24), moment(2026, 10, 26), PARIS))
    assert [end - begin for begin, end in spring] == [3 * HOUR, 2 * HOUR]
    assert [end - begin for begin, end in autumn] == [5 * HOUR]
    assert list(open_spans(ALWAYS, 5, 9, PARIS)) == [(5, 9)]
    closed = Calendar("c", samples.WEEK, closed=((date(2026, 4, 1), date(2026, 4, 30)),))
    assert not list(open_spans(closed, SINCE, moment(2026, 5, 1), PARIS))


def test_opening_time_within_a_gap_is_what_they_share() -> None:
    opened = OpenTime.of([(10, 20), (30, 40), (40, 45)])
    assert opened.total == 25
    assert [opened.within(*gap) for gap in ((0, 5), (0, 12), (15, 33), (9, 99), (20, 30))] == [
        0, 2, 8, 25, 0,
    ]  # fmt: skip


def test_coverage_is_the_opening_time_without_the_blind_time() -> None:
    report = samples.report()
    lyon, nantes = report.coverage.pbxs
    assert lyon.open_s - lyon.observed_s == samples.GAP_IN_HOURS
    assert nantes.open_s == nantes.observed_s  # its gap was at night
    assert report.coverage.share == Ratio(lyon.observed_s + nantes.observed_s, 2 * lyon.open_s)
    night = next(gap for gap in report.blind.intervals if gap.pbx == "nantes")
    assert (night.length_s, night.open_s) == (samples.NIGHT, 0)
    last = report.blind.intervals[-1]
    assert (last.to, last.length_s) == (UNTIL, 10 * MINUTE)  # it lasts; the period does not


def test_what_lies_before_the_record_is_not_observed() -> None:
    begun = UNTIL - 30 * DAY
    given = replace(samples.given(), versions=(Version(begun, policy()),))
    coverage = build(given).coverage
    opened = OpenTime.of(open_spans(policy().calendars[0], begun, UNTIL, PARIS))
    assert coverage.record_begins == begun
    assert coverage.pbxs[1].observed_s == opened.total
    assert coverage.pbxs[1].open_s > opened.total


# --- policies -------------------------------------------------------------------------------------


def test_policy_versions_in_force_are_told_with_what_they_changed() -> None:
    first, second = samples.report().policies
    assert (first.version, first.changes, first.to) == (1, (), moment(2026, 6, 15, 8, 30))
    assert second.changes == (Change("short_abandon", "", 5.0, 3.0),)
    # The third was set after the period: nothing of it is told, nor that it came.
    assert second.to is None
    assert first.calls + second.calls == samples.report().total.calls.calls


def test_changes_tell_how_many_numbers_and_never_which() -> None:
    before = policy()
    after = replace(before, test_numbers=("+33999*", "+33111"), queues=before.queues[1:])
    told = changes(before, after)
    assert told == (
        Change("queue_removed", "support", None, None),
        Change("test_numbers", "", 1.0, 2.0),
    )
    assert "+33" not in orjson.dumps(plain(told)).decode()


# --- parts ----------------------------------------------------------------------------------------


def test_percentiles_and_bins_are_those_of_the_histogram() -> None:
    waits = Histogram.of({0: 3, 4: 10, 5: 2, 6: 7, 60: 5, 61: 1, 700: 2})
    found = percentiles(waits)
    assert found == {str(p): waits.percentile(p) for p in MAIN_PERCENTS}
    told = {(b.from_s, b.to_s): b.calls for b in bins(waits) if b.calls}
    assert told == {(0, 5): 15, (5, 10): 7, (55, 60): 5, (60, 65): 1, (600, None): 2}


def test_a_report_of_some_queues_tells_of_these_alone() -> None:
    whole = samples.report()
    given = replace(samples.given(), sees=lambda pbx, queue: (pbx, queue) == ("lyon", "vip"))
    narrow = build(given)
    vip = next(q for q in whole.queues if (q.pbx, q.queue) == ("lyon", "vip"))
    assert narrow.queues == (vip,)
    assert narrow.total == vip.results
    assert narrow.queues_only == (("lyon", "vip"),)
    assert not narrow.voice_servers
    assert not narrow.overflow
    assert {gap.pbx for gap in narrow.blind.intervals} == {"lyon"}
    assert sum(m.results.calls.calls for m in narrow.months) == vip.results.calls.calls


def test_a_report_of_some_queues_tells_nothing_of_the_settings_of_others() -> None:
    before = policy()
    after = replace(
        before,
        version=2,
        commitment=replace(before.commitment, short_abandon=3_000),
        queues=tuple(replace(queue, target=0.5) for queue in before.queues),
        incoming_contexts=before.incoming_contexts[:1],
        calendars=(),
        calendar="",
    )
    versions = (Version(SINCE - DAY, before), Version(SINCE + DAY, after))
    given = replace(
        samples.given(), versions=versions, sees=lambda pbx, queue: (pbx, queue) == ("lyon", "vip")
    )
    narrow = build(given)
    changed = narrow.policies[-1].changes
    assert changed is not None
    assert {(c.what, c.subject) for c in changed} == {
        ("short_abandon", ""), ("queue_target", "vip"), ("centre_calendar", ""),
    }  # fmt: skip
    assert narrow.pbxs == ("lyon",)
    assert "nantes" not in as_json(narrow).decode()


def test_a_packs_documents_give_the_figures_of_the_record() -> None:
    documents = {
        version.policy.version: orjson.loads(
            policy_document(version.policy.version, version.set_at, canonical(version.policy), KEY)
        )
        for version in samples.VERSIONS[:2]
    }
    figures = samples.given().figures
    packed = plain(report_of(figures, documents, samples.HEAD, samples.others()))
    whole = plain(samples.report())
    for name in ("previous", "sealed", "generated", "agents"):
        del packed[name], whole[name]
    # What the first version of a pack has changed is not known there.
    assert packed["policies"][0].pop("changes") is None
    assert whole["policies"][0].pop("changes") == []
    assert packed == whole


def test_a_period_of_nothing_has_no_shares() -> None:
    empty = build(Given(PeriodFigures(SINCE, UNTIL, PARIS), ()))
    assert empty.total.calls.rate.ratio.value is None
    assert empty.promise is None
    assert orjson.loads(as_json(empty))["total"]["calls"]["waits"]["mean_s"] is None


def test_the_record_gives_the_report_that_its_calls_give(tmp_path: Path) -> None:
    calls = list(big_record.calls(400, days=40))
    until = moment(2026, 5, 11)
    begun = round(datetime(2026, 1, 5, tzinfo=PARIS).timestamp()) * SECOND
    with open_history(f"sqlite:///{tmp_path / 'record.db'}") as history:
        current_policy(history, policy(), now=begun)
        with BatchWriter(history) as writer:
            writer.add(calls)
        found = ReportReader(history).report(Wanted(SINCE, until, PARIS))
    figures = count_all(calls, SINCE, until, PARIS)
    before = count_all([], *previous_period(SINCE, until, PARIS), PARIS, by=(Dimension.QUEUE,))
    nothing = OtherChannels(SINCE, until, PARIS)
    versions = [Version(begun, policy())]
    counted = build(Given(figures, versions, all_versions=True, previous=before, others=nothing))
    assert as_json(found) == as_json(counted)
