"""Two PBXs give their calls the same ids at the same moment; one monitor keeps them apart."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk_lab.callers import originate
from tests.asterisk_lab.server import AsteriskLab, LabOptions
from tests.scenarios.agreement import as_expected
from tests.scenarios.product import Product
from tests.scenarios.test_live_on_real_asterisk import changes_of, stream_of

pytestmark = pytest.mark.asterisk

AGENT = "Local/a_300_500_1@agents/n"
NUMBER = "0699700001"
FATES = {"paris": ("met", "answered"), "lyon": ("abandoned", "abandoned")}
"""In Paris an agent answers; in Lyon nobody is there, and the caller gives up."""


@pytest.fixture
def labs() -> Iterator[Mapping[str, AsteriskLab]]:
    """Two fresh Asterisks of the same system name: 22 in Paris, 16 in Lyon."""
    paris = AsteriskLab(LabOptions(version="22", system_name="pbx"))
    lyon = AsteriskLab(LabOptions(version="16", system_name="pbx"))
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(AsteriskLab.start, (paris, lyon)))
        yield {"paris": paris, "lyon": lyon}
    finally:
        for lab in (paris, lyon):
            lab.stop()
            lab.remove()


def call_both_at_once(labs: Mapping[str, AsteriskLab]) -> None:
    """Make the first call of each PBX within the same second: an id holds second and count."""
    with labs["paris"].ami() as paris, labs["lyon"].ami() as lyon:
        paris.action("QueueAdd", Queue="support", Interface=AGENT, MemberName="Agent one")
        time.sleep(1.05 - time.time() % 1)  # the PBXs' clock: the next second has just begun
        for ami in (paris, lyon):
            originate(ami, "support", NUMBER, 1500)


def ended(product: Product) -> dict[str, dict[str, Any]]:
    """The last change of each call on the live stream, once both calls are over."""
    told: dict[str, dict[str, Any]] = {}
    with stream_of(product) as stream:
        for change in changes_of(stream):
            told[change["id"]] = change
            for visit in change["visits"]:
                assert visit["exit"] in {None, FATES[change["pbx"]][1]}
            over = [one for one in told.values() if one["ended_at"] is not None]
            talks = [visit["talk_s"] for one in over for visit in one["visits"] if visit["agent"]]
            if len(over) == 2 and talks and None not in talks:
                return told
    raise AssertionError("the stream ended")


def test_two_pbxs_with_the_same_ids_are_kept_apart(
    labs: Mapping[str, AsteriskLab], tmp_path: Path
) -> None:
    with Product(tmp_path, labs) as product, ThreadPoolExecutor() as pool:
        streamed = pool.submit(ended, product)
        product.wait_for(lambda: len(product.get("/live")["pbxs"]) == 2, "both PBXs")
        call_both_at_once(labs)
        told = streamed.result()

        ids = {one["pbx"]: one["uniqueid"] for one in told.values()}
        assert ids.keys() == FATES.keys()
        assert ids["paris"] == ids["lyon"], "the labs did not make the same id: no test of anything"

        for pbx, (verdict, exit_) in FATES.items():
            record = product.stored({ids[pbx]}, pbx)[ids[pbx]]
            assert (record.pbx, record.caller, record.verdict) == (pbx, NUMBER, verdict)
            assert as_expected(record).visits == (("support", exit_),)
            assert bool(record.agent) is (pbx == "paris")
            (item,) = product.calls(pbx=pbx)
            for one in (item, told[item["id"]], product.get(f"/calls/{item['id']}")):
                assert (one["id"], one["verdict"]) == (f"{pbx}:{ids[pbx]}", verdict)
                assert [visit["exit"] for visit in one["visits"]] == [exit_]
        assert product.get("/live")["calls"] == []
        assert figures(product) == {
            "paris": (1, 1, 0),
            "lyon": (1, 0, 1),
        }


def figures(product: Product) -> dict[str, tuple[int, int, int]]:
    """Each PBX's queue today: (offered, answered, abandoned)."""
    today = {
        queue["pbx"]: queue["today"]
        for queue in product.get("/live")["queues"]
        if queue["name"] == "support"
    }
    return {pbx: (t["offered"], t["answered"], t["abandoned"]) for pbx, t in today.items()}
