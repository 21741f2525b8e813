"""Voice server stays, derived from what several sources said, in whatever order they said it.

The dialplan (AMI), a ``UserEvent`` (AMI) and a Stasis application (ARI) each tell a part of the
same stays. Each part is a *mark* with its moment; the stays are a pure function of the marks in
order of time. So a late mark corrects what was derived without it.
"""

from bisect import insort
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final, NamedTuple

from monitor.core.clock import SECOND, Ms
from monitor.core.policy import CountsWhen, Rules
from monitor.core.records import Fact, VoiceServerStay


class Source(IntEnum):
    """Who said it. All but ARI come over AMI, in the order in which they happened."""

    DIALPLAN = 0
    KEYS = 1
    REPORT = 2
    ARI = 3


class Kind(IntEnum):
    """What a mark says."""

    CONTEXT = 0
    """The dialplan goes on where the voice server ``name`` is, or (empty) where none is."""
    ENTERED = 1
    LEFT = 2
    AWAY = 3
    """The caller waits in a queue, talks to an agent, or is gone: in no voice server."""
    INPUT = 4
    REFUSED = 5
    """The dialplan found nobody behind the application: what it had said of entering is void."""


class Mark(NamedTuple):
    """One thing that a source said; marks sort by moment, AMI before ARI, then order of saying."""

    at: Ms
    by_ari: bool
    said: int
    source: Source
    kind: Kind
    name: str = ""
    value: str = ""
    seen: bool = True
    """False: found at ``at``, after it had happened at an unknown moment."""


class Handling(NamedTuple):
    """A voice server took care of the caller: at ``at``, or (not ``seen``) at some time before."""

    at: Ms
    seen: bool


class Step(NamedTuple):
    """A line of the timeline: ``kind`` is entered, input or left."""

    at: Ms
    kind: Kind
    name: str
    value: str = ""
    seen: bool = True


@dataclass(slots=True)
class Derived:
    """What all marks together say."""

    stays: list[VoiceServerStay]
    steps: list[Step] = field(default_factory=list)
    handled: Handling | None = None
    first_left: Ms | None = None


INPUT_SOURCES: Final = (Source.REPORT, Source.ARI, Source.KEYS)
"""Several of them may tell the same inputs; the one that tells most is believed."""


MANY: Final = 200
"""Of a call with more marks the older ones are settled: a caller may press keys for an hour."""


class Marks:
    """All marks of one call, or the newest of very many."""

    __slots__ = ("all", "away", "handled", "known", "names_server", "settled", "stasis", "told")

    def __init__(self, known: list[VoiceServerStay]) -> None:
        """``known`` are stays on record of which no marks are kept (the monitor was restarted)."""
        self.all: list[Mark] = []
        self.known = [replace(stay) for stay in known]
        self.settled = 0
        """How many of the call's stays are over for good: no mark is about them any more."""
        self.away = False
        """The dialplan has not said where it goes on since the caller was away."""
        self.stasis = ""
        """The voice server into whose Stasis application the dialplan sent the caller."""
        self.names_server = bool(known)
        """Whether any mark is about a voice server, so that there is something to derive."""
        self.told: list[Fact] = []
        """The facts that the timeline has of these marks."""
        self.handled: Handling | None = None
        """What of them counts in the record."""

    def add(
        self, at: Ms, source: Source, kind: Kind, name: str = "", value: str = "",
        *, seen: bool = True,
    ) -> bool:  # fmt: skip
        """Take a mark; False when it says nothing new, or nothing to derive stays from (yet)."""
        mark = Mark(at, source is Source.ARI, len(self.all), source, kind, name, value, seen)
        for known in reversed(self.all):
            if known.at < at:
                break
            if known.at == at and known[3:] == mark[3:]:
                return False  # told twice
        insort(self.all, mark)
        self.names_server = self.names_server or bool(name)
        return self.names_server

    def settle(self, stays: list[VoiceServerStay]) -> None:
        """Take what the marks proved so far, ``stays``, for known, and begin with none again."""
        self.settled = max(0, len(stays) - 1)
        self.known = [replace(stay) for stay in stays[self.settled :]]
        self.all, self.told, self.handled = [], [], None

    def move(self, by: Ms) -> None:
        """Go over to the PBX's new time: its clock was set by ``by``."""
        self.all = [mark._replace(at=mark.at + by) for mark in self.all]
        self.told = [replace(fact, at=fact.at + by) for fact in self.told]
        if self.handled is not None:
            self.handled = self.handled._replace(at=self.handled.at + by)
        for stay in self.known:
            stay.entered_at += by
            stay.left_at = None if stay.left_at is None else stay.left_at + by

    def derive(self, rules: Rules) -> Derived:
        """The stays that the marks prove, from number ``settled`` on."""
        return _Derivation(rules, self.known).run(_aligned(self.all))


SAME_STEP: Final[Ms] = SECOND
"""AMI's and ARI's stamps of one step may differ so much on a PBX that is very busy."""


def _aligned(marks: list[Mark]) -> list[Mark]:
    """Put what ARI says of entering beside what AMI says of the same step; leave out what is void.

    Their stamps differ by some ms. Where stays are as short, or follow each other at once, the
    order of the stamps alone would make two stays of one.
    """
    told = [m for m in marks if m.source is Source.DIALPLAN and m.name and m.kind in _OF_STASIS]
    if not told:
        return marks
    free = [mark for mark in told if mark.kind is Kind.ENTERED]
    void = _void(told)
    aligned = [mark for mark in marks if mark.kind is not Kind.REFUSED and mark not in void]
    for mark in marks:
        if mark.source is not Source.ARI or mark.kind is Kind.INPUT:
            continue
        if not mark.seen:
            # A list of channels is behind the steps that come while it is made.
            if any(_of_one_step(mark, step) for step in told):
                aligned.remove(mark)
        elif mark.kind is Kind.ENTERED:
            near = [step for step in free if _of_one_step(mark, step)]
            if near:
                step = min(near, key=lambda step: abs(step.at - mark.at))
                free.remove(step)
                aligned.remove(mark)
                if step not in void:
                    insort(aligned, mark._replace(at=step.at, by_ari=False, said=step.said))
    return aligned


def _void(told: list[Mark]) -> set[Mark]:
    """The enterings that were refused at once."""
    void: set[Mark] = set()
    entered: Mark | None = None
    for mark in told:
        if mark.kind is Kind.ENTERED:
            entered = mark
        elif mark.kind is Kind.REFUSED and entered is not None:
            void.add(entered)
    return void


_OF_STASIS: Final = (Kind.ENTERED, Kind.LEFT, Kind.REFUSED)


def _of_one_step(mark: Mark, step: Mark) -> bool:
    return step.name == mark.name and abs(step.at - mark.at) <= SAME_STEP


class _Derivation:
    """Goes through the marks once, in order of time."""

    def __init__(self, rules: Rules, known: list[VoiceServerStay]) -> None:
        self._rules = rules
        self._found = Derived([replace(stay) for stay in known])
        stays = self._found.stays
        last = stays[-1] if stays else None
        self._stay = last if last is not None and last.left_at is None else None
        self._since = 0 if last is None else last.left_at or last.entered_at
        """What is said of before is part of the known stays, and their marks are not kept."""
        self._before = "" if self._stay is None else self._stay.inputs
        self._explicit = self._stay is not None and self._stay.explicit
        self._context = "" if self._stay is None or self._explicit else self._stay.name
        self._inputs: list[Mark] = []
        self._said_by: set[Source] = set()
        """Who said that the caller entered the stay."""
        self._behind: set[Source] = set()
        """Who said so of a stay that another source ended, and has not said its end yet."""

    def run(self, marks: list[Mark]) -> Derived:
        for mark in marks:
            if mark.at < self._since:
                continue
            if mark.kind is Kind.CONTEXT:
                self._go_on(mark)
            elif mark.kind is Kind.ENTERED:
                self._enter(mark, explicit=True)
            elif mark.kind is Kind.LEFT:
                self._let_go(mark)
            elif mark.kind is Kind.INPUT:
                if self._stay is not None:  # keys pressed in a queue, or to an agent, are no inputs
                    self._inputs.append(mark)
            else:
                self._context = ""
                self._leave(mark.at)
        self._settle_inputs()
        return self._found

    def _go_on(self, mark: Mark) -> None:
        self._context = mark.name
        if self._stay is not None and self._explicit:
            return
        if mark.name:
            self._enter(mark, explicit=False)
        else:
            self._leave(mark.at)

    def _enter(self, mark: Mark, *, explicit: bool) -> None:
        self._behind.discard(mark.source)
        if self._stay is not None and self._stay.name == mark.name:
            self._said_by.add(mark.source)
            self._stay.explicit = self._explicit = self._explicit or explicit
            return
        self._leave(mark.at)
        self._stay, self._explicit = (
            VoiceServerStay(mark.name, mark.at, explicit=explicit),
            explicit,
        )
        self._before = ""
        self._said_by = {mark.source}
        self._found.stays.append(self._stay)
        self._found.steps.append(Step(mark.at, Kind.ENTERED, mark.name, seen=mark.seen))
        server = self._rules.voice_server_named(mark.name)
        if server.counts_when is CountsWhen.REACHED:
            self._handled(Handling(mark.at, mark.seen))

    def _let_go(self, mark: Mark) -> None:
        if mark.source in self._behind:
            self._behind.discard(mark.source)  # the end of the stay before this one
            return
        if self._stay is None or self._stay.name != mark.name:
            return
        self._said_by.discard(mark.source)
        self._leave(mark.at)
        if self._context and self._context != mark.name:
            # The dialplan of another voice server had sent the caller there, and goes on.
            self._enter(mark._replace(name=self._context), explicit=False)

    def _leave(self, at: Ms) -> None:
        if self._stay is None:
            return
        self._settle_inputs()
        self._stay.left_at = at
        self._found.steps.append(Step(at, Kind.LEFT, self._stay.name))
        if self._found.first_left is None:
            self._found.first_left = at
        self._stay, self._explicit = None, False
        self._behind |= self._said_by
        self._said_by = set()

    def _settle_inputs(self) -> None:
        """Believe the source that told most of what the caller entered in the stay."""
        stay, marks = self._stay, self._inputs
        self._inputs = []
        if stay is None or not marks:
            return
        told = {source: [m for m in marks if m.source is source] for source in INPUT_SOURCES}
        best = max(INPUT_SOURCES, key=lambda source: sum(len(m.value) for m in told[source]))
        entered = "".join(mark.value for mark in told[best])
        for mark in told[best]:
            self._found.steps.append(Step(mark.at, Kind.INPUT, stay.name, mark.value))
        stay.inputs = self._before + entered
        server = self._rules.voice_server_named(stay.name)
        if not self._before and server.counts_when is CountsWhen.FIRST_INPUT:
            self._handled(Handling(marks[0].at, seen=True))

    def _handled(self, handling: Handling) -> None:
        if self._found.handled is None:
            self._found.handled = handling
