"""The report of an evidence pack: made of what its documents come to, and of nothing else."""

from collections.abc import Mapping
from typing import Any

import orjson

from monitor.core.contact_period import OtherChannels
from monitor.core.period import PeriodFigures
from monitor.history.policies import parse
from monitor.reporting.build import Given, Version, build
from monitor.reporting.model import Report, Sealed


def report_of(
    figures: PeriodFigures,
    policies: Mapping[int, Mapping[str, Any]],
    head: str,
    others: OtherChannels | None = None,
) -> Report:
    """Make a report without a record.

    It has no comparison, as a pack holds no calls of the period before, and does not say who made
    it when, so it is the same whenever it is made.

    Args:
        figures: what the documents of the calls come to.
        policies: the documents of the policy versions in force in the period, by version.
        head: the chain's when the pack was made.
        others: what the documents of contacts come to, and callers' answers; None: not told.
    """
    versions = [
        Version(told["created_at"], parse(orjson.dumps(told["policy"]).decode(), number))
        for number, told in policies.items()
    ]
    sealed = Sealed(head, None, None, None, None)
    return build(Given(figures, versions, others=others, sealed=sealed))
