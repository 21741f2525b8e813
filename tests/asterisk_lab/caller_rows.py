"""Situations that the caller makes: numbers, names, and what is done in a voice server."""

from __future__ import annotations

from .callers import Agent, Caller, never_answers
from .scenarios import A1, A2, Call, Expected, Row, one_call
from .ways import abandoned, answered, asked, way

SAME_NUMBER = "0612345678"

CALLERS: tuple[Row, ...] = (
    Row(
        "calls-again",
        "a caller gives up, calls again from the same number and is answered: two calls",
        (
            Call(Caller("support", stay=900, number=SAME_NUMBER), abandoned("support", *asked(1))),
            Call(Caller("sales", number=SAME_NUMBER), answered("sales", 2), start=1600),
        ),
        (never_answers("agent1"), Agent("agent2", ring=200, talk=700)),
        {"support": (A1,), "sales": (A2,)},
    ),
    Row(
        "two-calls-of-one-number",
        "two calls of one number at once, in two queues: each has its own record",
        (
            Call(
                Caller("support", stay=1500, number=SAME_NUMBER),
                Expected(
                    "met",
                    (("support", "answered"),),
                    "agent",
                    A1,
                    timeline=way(
                        *("joined support", *asked(1), "picked up by agent1"),
                        *("connected to agent1", "hung up", "talk ended by caller"),
                    ),
                ),
            ),
            Call(
                Caller("sales", stay=1000, number=SAME_NUMBER),
                abandoned("sales", *asked(2)),
                start=300,
            ),
        ),
        (Agent("agent1", ring=200), never_answers("agent2")),
        {"support": (A1,), "sales": (A2,)},
    ),
    Row(
        "odd-names",
        "callers whose names are not plain: accents and other scripts, quotes, markup, nothing",
        tuple(
            Call(Caller("sales", stay=900, name=name), abandoned("sales"), start=100 * n)
            for n, name in enumerate(
                (
                    "Zoé Müller-Łukasz 東京 ☎",
                    'Jean "Jeannot" O\'Neil \\ & fils',
                    "<script>alert('x')</script>",
                    "",
                    "; DROP TABLE call; --",
                )
            )
        ),
    ),
    Row(
        "no-number",
        "a caller who shows neither number nor name",
        one_call(Caller("sales", stay=900, number="", name=""), abandoned("sales")),
    ),
    Row(
        "anonymous",
        "a caller whose number is withheld by the network",
        one_call(
            Caller("sales", stay=900, number="anonymous", name="Anonymous"),
            abandoned("sales"),
        ),
    ),
    Row(
        "withheld",
        "a caller whose number the trunk tells, and who asked to withhold it",
        one_call(Caller("sales", stay=900, withheld=True), abandoned("sales")),
    ),
)

VOICE: tuple[Row, ...] = (
    Row(
        "voice-server-only",
        "a voice server that counts when reached; the caller hangs up in it",
        one_call(
            Caller("ivr-only", stay=600),
            Expected(
                "met",
                (),
                "voice_server",
                stays=(("ivr", ""),),
                timeline=way("entered ivr", "hung up", "left ivr"),
            ),
        ),
    ),
    Row(
        "voice-server-says-goodbye",
        "a voice server that counts when reached, and hangs up itself",
        one_call(
            Caller("ivr-only"),
            Expected(
                "met",
                (),
                "voice_server",
                stays=(("ivr", ""),),
                timeline=way("entered ivr", "left ivr"),
            ),
        ),
    ),
    Row(
        "voice-server-input-only",
        "a voice server that counts on the first input gets a digit; the caller hangs up in it",
        one_call(
            Caller("menu-only", stay=700, digit="7", digit_after=300),
            Expected(
                "met",
                (),
                "voice_server",
                stays=(("menu", "7"),),
                timeline=way("entered menu", "pressed 7", "hung up", "left menu"),
            ),
        ),
    ),
    Row(
        "voice-server-turns-away",
        "a voice server that counts on the first input gets none, and hangs up",
        one_call(
            Caller("menu-goodbye"),
            Expected("refused", stays=(("menu", ""),), timeline=way("entered menu", "left menu")),
        ),
    ),
)
