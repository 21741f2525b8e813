"""Commands by MQTT do what a person may do, under the name of who wanted them, and in the whole."""

import asyncio

import pytest

from api.remote_commands import carried_out_by
from monitor.history.audit import Via, Who
from telephony_adapters.mqtt.commands import Command, CommandRefusedError, What
from tests.api.conftest import House
from tests.api.test_overflow_policies import WITHDRAW
from tests.api.test_overflow_switch import Stalled

ZOE = Who("zoé", Via.SESSION)
RULE = str(WITHDRAW["id"])


async def test_each_command_is_done_and_leaves_a_trace(house: House) -> None:
    control = house.services.overflow_control
    await control.save(WITHDRAW, ZOE, expected=None)
    carry = carried_out_by(control)

    await carry(Command("1", What.PAUSE, "wallboard", RULE, on=False))
    assert control.rule(RULE).body["enabled"] is False
    await carry(Command("2", What.RESUME, "wallboard", RULE))
    assert control.rule(RULE).body["enabled"] is True
    await carry(Command("3", What.FORCE, "wallboard", RULE, on=False))
    assert control.rule(RULE).forced is False
    await carry(Command("4", What.SWITCH, "wallboard", on=False, note="Storm"))
    assert (control.overflow.switch.on, control.overflow.switch.note) == (False, "Storm")

    entries = house.trail()[:4]
    assert len(entries) == 4
    assert {(entry.by, entry.via) for entry in entries} == {("wallboard", Via.MQTT)}


async def test_what_cannot_be_done_is_refused_with_the_code_of_the_rest_interface(
    house: House,
) -> None:
    carry = carried_out_by(house.services.overflow_control)
    with pytest.raises(CommandRefusedError, match="No overflow rule") as refused:
        await carry(Command("1", What.PAUSE, "wallboard", "unknown", on=False))
    assert refused.value.code == "not_found"


async def test_a_connection_that_breaks_meanwhile_leaves_nothing_half_done(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored is in force: else the rule acts on, and nobody can change it any more."""
    control = house.services.overflow_control
    await control.save(WITHDRAW, ZOE, expected=None)
    carry, stalled = carried_out_by(control), Stalled(house, monkeypatch)
    pausing = asyncio.ensure_future(carry(Command("1", What.PAUSE, "x", RULE, on=False)))
    await stalled.holds_up()

    pausing.cancel()
    await asyncio.wait([pausing])
    stalled.go.set()
    # After it, whatever became of it: one change after the other.
    await control.turn(ZOE, on=False)

    assert pausing.cancelled()
    stored = control.record.rules.get(RULE)
    assert stored == control.rule(RULE)
    assert not [rule for rule in control.overflow.rules if rule.enabled]
