"""What is found out about a PBX's dialplan from what its channels do."""

from monitor.core.events import ChannelGone, DialplanStep
from telephony_adapters.asterisk import discovery
from telephony_adapters.asterisk.discovery import Discovery, Passed


def step(
    at: int, channel: str, context: str, application: str = "NoOp", data: str = ""
) -> DialplanStep:
    return DialplanStep("lab", at, channel, context, "s", application, data)


def test_each_channel_counts_once_in_each_context_that_it_comes_to() -> None:
    found = Discovery()
    for event in (
        step(1, "a", "incoming"),
        step(2, "a", "incoming"),
        step(3, "b", "incoming"),
        step(4, "a", "ivr"),
        step(5, "a", "incoming"),
    ):
        found.look(event)

    assert found.contexts == {"incoming": Passed(3, 5), "ivr": Passed(1, 4)}


def test_a_channel_that_the_pbx_dialled_is_nobody_who_calls() -> None:
    found = Discovery()
    found.look(step(1, "a", "phones", "AppDial", "(Outgoing Line)"))

    assert found.contexts == {}


def test_stasis_applications_are_found_by_their_name() -> None:
    found = Discovery()
    found.look(step(1, "a", "incoming", "Stasis", "ivr,hello"))
    found.look(step(2, "b", "incoming", "Stasis", "ivr"))
    found.look(step(3, "b", "incoming", "Stasis", ""))

    assert found.apps == {"ivr": Passed(2, 2)}


def test_a_channel_that_ended_is_forgotten_and_what_it_passed_is_not() -> None:
    found = Discovery()
    found.look(step(1, "a", "incoming"))
    found.look(ChannelGone("lab", 2, "a", 16))
    found.look(step(3, "a", "incoming"))
    found.begin()
    found.look(step(4, "a", "incoming"))

    assert found.contexts["incoming"].channels == 3


def test_where_there_are_too_many_the_one_unused_for_longest_goes() -> None:
    found = Discovery()
    for number in range(discovery.MOST_CONTEXTS):
        found.look(step(number, f"c{number}", f"context-{number}"))
    found.look(step(10_000, "c0", "context-0b"))
    found.look(step(10_001, "x", "context-1"))

    assert len(found.contexts) == discovery.MOST_CONTEXTS
    assert "context-0" not in found.contexts
    assert found.contexts["context-1"].channels == 2
