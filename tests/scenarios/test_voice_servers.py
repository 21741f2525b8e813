"""Voice servers on real Asterisks: the dialplan that is offered to admins, and Stasis programs.

The monitor runs as a process, with AMI and ARI; the calls go through the files in
``config/asterisk/voice_servers`` themselves.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

import pytest

from monitor.core.records import Call, FactKind
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.play import Played, play
from tests.asterisk_lab.server import AsteriskLab
from tests.asterisk_lab.voice_rows import (
    APPS,
    CALLS,
    SAMPLE_CALLS,
    SETTINGS,
    SNIPPETS,
    all_at_once,
    sample_lab,
    voice_lab,
)
from tests.asterisk_lab.voice_server import StasisVoiceServer
from tests.scenarios.agreement import as_expected, disagreements
from tests.scenarios.product import Product
from tests.scenarios.test_captures import follow

pytestmark = pytest.mark.asterisk

VERSIONS: tuple[Version, ...] = ("22", "16")


class Outcome:
    """What was played on both versions, and what the monitor made of it."""

    def __init__(self, labs: dict[str, AsteriskLab], product: Product) -> None:
        self.labs = labs
        self.product = product
        with ThreadPoolExecutor(len(labs)) as pool:
            played = pool.map(lambda lab: play(lab, all_at_once()), labs.values())
            self.played: dict[str, Played] = dict(zip(labs, played, strict=True))
        self.stored = {
            pbx: product.stored({call.uniqueid for call in one.calls}, pbx)
            for pbx, one in self.played.items()
        }

    def record(self, version: str, name: str) -> Call:
        """The record of one of the calls."""
        exten = CALLS[name].caller
        number = next(c for c in self.played[f"pbx{version}"].calls if c.call.caller == exten)
        return self.stored[f"pbx{version}"][number.uniqueid]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    with ExitStack() as stack:
        labs = {f"pbx{version}": stack.enter_context(voice_lab(version)) for version in VERSIONS}
        for lab in labs.values():
            stack.enter_context(StasisVoiceServer(lab, *APPS))
        directory = tmp_path_factory.mktemp("voice")
        product = Product(directory, labs, extra=SETTINGS, ari=True)
        yield Outcome(labs, stack.enter_context(product))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CALLS)
def test_a_call_through_a_voice_server_is_recorded_and_judged(
    name: str, version: str, outcome: Outcome
) -> None:
    record = outcome.record(version, name)
    seen = as_expected(record)
    # who of several free agents answered is chance
    seen = replace(seen, agent=None if seen.agent is None else "", timeline="")
    assert seen == CALLS[name].expected
    for stay in record.stays:
        assert stay.left_at is not None
        assert record.arrived_at <= stay.entered_at <= stay.left_at
        assert stay.left_at <= (record.ended_at or 0)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_queue_log_agrees(version: str, outcome: Outcome) -> None:
    pbx = f"pbx{version}"
    assert disagreements(outcome.stored[pbx], outcome.played[pbx].visits()) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_stasis_program_played_is_in_the_timeline(version: str, outcome: Outcome) -> None:
    played = (FactKind.PLAYBACK_STARTED, FactKind.PLAYBACK_ENDED)
    facts = [f for f in outcome.record(version, "stasis-key").facts if f.kind in played]
    assert tuple(fact.kind for fact in facts) == played
    assert [fact.detail for fact in facts] == [{"media": "sound:silence/1"}] * 2
    assert facts[0].at <= facts[1].at


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stay_in_an_application_lasts_as_long_as_the_dialplan_was_in_it(
    version: str, outcome: Outcome
) -> None:
    record = outcome.record(version, "stasis-no-input")
    (stay,) = record.stays
    # a second of silence, and no more than a busy machine adds
    assert 900 <= (stay.left_at or 0) - stay.entered_at <= 3000


@pytest.mark.parametrize("version", VERSIONS)
def test_asterisk_has_nothing_to_say_against_the_offered_dialplan(
    version: str, outcome: Outcome
) -> None:
    lab = outcome.labs[f"pbx{version}"]
    complaints = [
        line
        for line in lab.log_text().splitlines()
        if "pbx_config" in line and ("WARNING" in line or "ERROR" in line)
    ]
    assert complaints == []
    loaded = lab.cli("dialplan show")
    for path in SNIPPETS:
        contexts = [line for line in path.read_text().splitlines() if line.startswith("[")]
        assert contexts
        assert all(f"Context '{context.strip('[]')}'" in loaded for context in contexts)


def test_the_monitor_saw_nothing_wrong(outcome: Outcome) -> None:
    assert outcome.product.problems() == []


def play_sample(version: Version) -> tuple[Played, dict[str, Call], str]:
    with sample_lab(version) as lab:
        played = play(lab, SAMPLE_CALLS)
        return played, follow(played.ami), lab.log_text()


@pytest.fixture(scope="module")
def samples() -> dict[str, tuple[Played, dict[str, Call], str]]:
    """Calls through the sample ``extensions.conf`` itself, on both versions side by side."""
    with ThreadPoolExecutor(len(VERSIONS)) as pool:
        return dict(zip(VERSIONS, pool.map(play_sample, VERSIONS), strict=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_calls_through_the_sample_dialplan_are_told_as_it_promises(
    version: str, samples: dict[str, tuple[Played, dict[str, Call], str]]
) -> None:
    played, records, log = samples[version]
    seen = [as_expected(records[call.uniqueid]) for call in played.calls]
    assert [replace(one, agent=one.agent and "", timeline="") for one in seen] == [
        call.call.expected for call in played.calls
    ]
    assert [line for line in log.splitlines() if "pbx_config" in line and "WARNING" in line] == []
