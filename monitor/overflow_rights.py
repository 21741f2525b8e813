"""Says, once, which rules in force a PBX does not let us carry out."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from monitor.commanding import Orders
from monitor.core.effects import Effect, OverflowChanged, PbxGone, PbxUpdated
from monitor.core.overflow.rules import How, OverflowRule

log = logging.getLogger(__name__)

WARNING: Final = "overflow_rights"
"""The code of the warning."""

AGAIN_S: Final = 60.0
"""How often something is looked at again that was missing, or could not be asked."""


class RightsWatch:
    """Looks when a PBX comes up and when rules change, and again while something is missing."""

    def __init__(
        self,
        rules: Callable[[], Iterable[OverflowRule]],
        pbxs: Mapping[str, Orders],
        warn: Callable[[str, str, str], None],
        *,
        again_s: float = AGAIN_S,
    ) -> None:
        """Prepare; :meth:`run` does it.

        Args:
            rules: the rules in force.
            pbxs: who carries out orders, by the PBX's name.
            warn: takes a PBX, a warning's code and its text; an empty text clears it.
            again_s: seconds after which a PBX that lacks something is asked again.
        """
        self._rules = rules
        self._pbxs = pbxs
        self._warn = warn
        self._again_s = again_s
        self._due = set(pbxs)
        self._connected: set[str] = set()
        self._lacking: dict[str, str] = {}
        self._look = asyncio.Event()

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Note that a look is due; a subscriber of the monitor."""
        for effect in effects:
            if isinstance(effect, OverflowChanged):
                self._due.update(self._pbxs)
                self._look.set()
            elif isinstance(effect, PbxUpdated):
                self._note_link(effect.pbx)
            elif isinstance(effect, PbxGone):
                self._forget(effect.pbx)

    def _note_link(self, name: str) -> None:
        pbx = self._pbxs.get(name)
        if pbx is None or not pbx.connected:
            self._connected.discard(name)
        elif name not in self._connected:
            self._connected.add(name)
            self._due.add(name)
            self._look.set()

    def _forget(self, name: str) -> None:
        self._due.discard(name)
        self._connected.discard(name)
        self._lacking.pop(name, None)

    async def run(self) -> None:
        """Look whenever it is due, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._again_s if self._lacking or self._due else None):
                    await self._look.wait()
            self._look.clear()
            self._due.update(self._lacking)
            for name in sorted(self._due):
                pbx = self._pbxs.get(name)
                if pbx is not None and pbx.connected:
                    await self._check(name, pbx)

    async def _check(self, name: str, pbx: Orders) -> None:
        concerned = [rule for rule in self._rules() if acts_on(rule, name)]
        try:
            lacking = await pbx.lacking([rule.action for rule in concerned])
        except Exception as error:  # noqa: BLE001 - whatever it is, the link itself will say so
            log.info("What the PBX %s lets us do could not be asked: %s", name, error)
            return
        if self._pbxs.get(name) is not pbx:
            return  # another link, or none, by now
        self._due.discard(name)
        text = f"Overflow rules that are in force cannot all be carried out. {lacking}"
        text = text if lacking else ""
        if text == self._lacking.get(name, ""):
            return
        if text:
            self._lacking[name] = text
            log.warning("%s", text)
        else:
            del self._lacking[name]
        self._warn(name, WARNING, text)


def acts_on(rule: OverflowRule, pbx: str) -> bool:
    """Whether a rule would send something to a PBX."""
    acts = rule.enabled and not rule.dry_run and rule.how is not How.ASK
    return acts and rule.pbx in {"", pbx}
