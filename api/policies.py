"""From settings, as people write them, to the core's policy."""

from config.settings import Settings
from monitor.core.clock import from_seconds
from monitor.core.policy import (
    ClockStart,
    Commitment,
    CountsWhen,
    OpeningHours,
    Policy,
    QueuePolicy,
    VoiceServer,
)


def policy_of(settings: Settings, version: int = 1) -> Policy:
    """The policy that a settings file declares.

    Args:
        settings: the validated settings.
        version: the number under which it is, or will be, recorded.
    """
    promise = settings.commitment
    return Policy(
        version=version,
        commitment=Commitment(
            within=from_seconds(promise.within),
            at_risk_after=from_seconds(promise.at_risk_s),
            short_abandon=from_seconds(promise.short_abandon),
            starts_on=ClockStart(promise.starts_on),
        ),
        queues=_queues(settings),
        voice_servers=tuple(
            VoiceServer(
                name=declared.name,
                contexts=tuple(declared.contexts),
                stasis_apps=tuple(declared.stasis_apps),
                counts_when=CountsWhen(declared.counts_when),
            )
            for declared in settings.voice_server
        ),
        incoming_contexts=tuple((pbx.name, tuple(pbx.incoming_contexts)) for pbx in settings.pbx),
        welcome_contexts=tuple(promise.welcome_contexts),
        opening_hours=OpeningHours(
            tuple(
                (day, span.from_, span.to) for span in settings.opening_hours for day in span.days
            )
        ),
        test_numbers=tuple(settings.centre.test_numbers),
        internal_numbers=tuple(settings.centre.internal_numbers),
        zone=settings.centre.zone,
    )


def _queues(settings: Settings) -> tuple[QueuePolicy, ...]:
    found = []
    for declared in settings.queue:
        within, at_risk_after = declared.thresholds(settings.commitment)
        found.append(
            QueuePolicy(
                queue=declared.name,
                label=declared.label,
                within=from_seconds(within),
                at_risk_after=from_seconds(at_risk_after),
                pbx=declared.pbx,
            )
        )
    return tuple(found)
