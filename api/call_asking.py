"""Which calls are asked for: the query parameters that list, count and export share."""

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import Depends, Query

from api.auth import ServicesDep, Viewer
from api.errors import bad_field
from api.parameters import From, PbxName, QueueName, To, check_range
from api.schemas import ExitName, VerdictName
from api.visibility import Scope, scope_of
from monitor.core.clock import SECOND, Ms
from monitor.core.records import Exit, HandledBy, Observed, Reason, Verdict
from monitor.history.call_search import parse_search
from monitor.history.queries import CallFilter

ReasonName = Literal[
    "handled_by_agent", "handled_by_voice_server", "waiting_past_deadline", "handled_late",
    "abandoned_late", "refused_late", "caller_hung_up", "turned_away", "pbx_hung_up",
    "end_not_observed", "may_have_been_handled", "arrival_not_observed", "left_before_the_clock",
    "not_precise_enough", "calendar_unknown", "outside_opening_hours", "test_number",
    "internal_call",
]  # fmt: skip
assert {*get_args(ReasonName), ""} == set(Reason), "the codes of reasons"  # noqa: S101

Verdicts = Annotated[
    list[VerdictName] | None, Query(description="Only with this verdict, or one of several")
]
Caller = Annotated[str | None, Query(description="Only of this caller's number", max_length=100)]
Agent = Annotated[str | None, Query(description="Only taken by this agent", max_length=200)]
ExitParam = Annotated[
    ExitName | None,
    Query(description="Only with a visit that ended so; with `queue`, a visit to that queue"),
]
ReasonParam = Annotated[ReasonName | None, Query(description="Only with this reason")]
HandledByParam = Annotated[
    Literal["agent", "voice_server", "nobody"] | None, Query(description="Only handled by these")
]
ObservedParam = Annotated[
    Literal["full", "partial"] | None, Query(description="Only observed in full, or in part")
]
Short = Annotated[bool | None, Query(description="Only (or without) short abandons")]
LeastWait = Annotated[
    float | None, Query(ge=0, le=1e7, description="Only who waited so many seconds, or longer")
]
MostWait = Annotated[
    float | None, Query(gt=0, le=1e7, description="Only who waited less than so many seconds")
]
SearchText = Annotated[
    str | None,
    Query(
        max_length=100,
        description="The end (or the beginning) of a number, an agent's name, a part of a caller's "
        "or an agent's name, or a call's id. Ids, whole agents' names and four digits or more are "
        "looked up; all else is looked for within a time limit (see `searched_to`)",
        examples=["5612"],
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and what of it is shown."""

    wanted: CallFilter
    scope: Scope


async def asked_calls(  # noqa: PLR0917 - one for each parameter of the interface
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
    verdict: Verdicts = None,
    caller: Caller = None,
    agent: Agent = None,
    exit: ExitParam = None,  # noqa: A002 - its name in the interface
    reason: ReasonParam = None,
    handled_by: HandledByParam = None,
    observed: ObservedParam = None,
    short: Short = None,
    min_wait: LeastWait = None,
    max_wait: MostWait = None,
    search: SearchText = None,
) -> Asked:
    """A dependency: the filter that the parameters mean, within what the account may see.

    Raises:
        ApiError: 422 for a range that is none, 403 for a number that may not be asked for.
    """
    check_range(since, to)
    if min_wait is not None and max_wait is not None and max_wait <= min_wait:
        raise bad_field("max_wait", "it is not more than `min_wait`")
    scope = scope_of(account)
    scope.check_number(caller)
    verdicts = frozenset(map(Verdict, verdict or ()))
    pbxs = [name for name, _ in services.monitor.engine.policy.incoming_contexts]
    wanted = CallFilter(
        since=since,
        until=to,
        pbx=pbx,
        queue=queue,
        verdict=next(iter(verdicts)) if len(verdicts) == 1 else None,
        verdicts=verdicts if len(verdicts) > 1 else frozenset(),
        caller=caller,
        agent=agent,
        queues=scope.queues,
        exit=None if exit is None else Exit(exit),
        reason=None if reason is None else Reason(reason),
        handled_by=_handled_by(handled_by),
        observed=None if observed is None else Observed(observed),
        short=short,
        min_wait=_ms(min_wait),
        max_wait=_ms(max_wait),
        search=parse_search(search or "", pbxs, sees_numbers=scope.sees_numbers),
    )
    return Asked(wanted, scope)


AskedCalls = Annotated[Asked, Depends(asked_calls)]


def _ms(seconds: float | None) -> Ms | None:
    return None if seconds is None else round(seconds * SECOND)


def _handled_by(name: str | None) -> HandledBy | Literal["nobody"] | None:
    if name is None or name == "nobody":
        return name  # type: ignore[return-value]  # the two that are left
    return HandledBy(name)
