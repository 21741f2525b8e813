"""Who watches the PBXs: links, and followers of queue logs, which come and go with the settings.

A PBX that is changed is connected anew only where its connection changes, which leaves a blind
interval as any reconnection does. One that is taken out ends at once, with its live calls; see
:meth:`monitor.core.engine.Engine.remove_pbx`. Belongs to the event loop's thread.
"""

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from api.log_following import CODE as LOG_WARNING
from api.log_following import LogFollower
from api.pbx_settings import ami_settings, ari_settings, wants_digits
from config.settings import Pbx, Settings
from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.events import LinkChanged, LinkState, WarningRaised
from monitor.history.database import History
from monitor.runtime import Monitor
from telephony_adapters.asterisk.ami_commands import AmiCommands
from telephony_adapters.asterisk.ami_link import AmiLink
from telephony_adapters.asterisk.ari_link import LINK as ARI_WARNING
from telephony_adapters.asterisk.ari_link import AriLink

log = logging.getLogger("minuteur")

LINK_RESTART_S: Final = 5.0
"""Pause before a link that failed in a way we did not foresee is begun again."""
CHANGED: Final = "The settings of the link were changed; it is made again."

Task = asyncio.Task[None]


@dataclass(slots=True)
class _Post:
    """Who watches one PBX, and the tasks that do it, by part."""

    pbx: Pbx
    ami: AmiLink
    ari: AriLink | None = None
    follower: LogFollower | None = None
    tasks: dict[str, Task] = field(default_factory=dict)


class PbxCrew:
    """All links with PBXs.

    Args:
        monitor: takes what they tell.
        history: the record, which followers of queue logs compare with.
        now: the monitor's clock (ms).
        settings: the settings in effect.
    """

    def __init__(
        self, monitor: Monitor, history: History, now: Callable[[], Ms], settings: Settings
    ) -> None:
        self._monitor = monitor
        self._history = history
        self._now = now
        self._posts: dict[str, _Post] = {}
        self._group: asyncio.TaskGroup | None = None
        self._digits = wants_digits(settings)
        self.links: dict[str, AmiLink] = {}
        """The AMI links by the PBX's name; always as it is now."""
        self.orders: dict[str, AmiCommands] = {}
        """Who carries out commands, by the PBX's name; always as it is now."""
        for pbx in settings.pbx:
            self._posts[pbx.name] = _Post(pbx, self._ami(pbx), self._ari(pbx), self._follower(pbx))

    async def run(self) -> None:
        """Keep all links up until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for post in self._posts.values():
                    self._start(post)
                await asyncio.Event().wait()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            self._group = None

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Tell those who follow queue logs; a subscriber of the monitor."""
        for post in self._posts.values():
            if post.follower is not None:
                post.follower.on_effects(effects)

    def clock_moved(self, by: Ms) -> None:
        """Take note that the monitor's clock shows ``by`` ms more from now on."""
        for link in self.links.values():
            link.monitor_moved(by)

    async def apply(self, settings: Settings) -> None:
        """Watch the PBXs that the settings name now, as they say."""
        wanted = {pbx.name: pbx for pbx in settings.pbx}
        self._digits = wants_digits(settings)
        for name in [name for name in self._posts if name not in wanted]:
            await self._remove(name)
        for pbx in wanted.values():
            post = self._posts.get(pbx.name)
            if post is None:
                self._add(pbx)
            else:
                await self._change(post, pbx)

    # --- coming, changing, going ----------------------------------------------------------------

    def _add(self, pbx: Pbx) -> None:
        log.info("The PBX %s is watched from now on", pbx.name)
        post = _Post(pbx, self._ami(pbx), self._ari(pbx), self._follower(pbx))
        self._posts[pbx.name] = post
        self._start(post)

    async def _change(self, post: _Post, pbx: Pbx) -> None:
        before, post.pbx = post.pbx, pbx
        name = pbx.name
        if ami_settings(before) != ami_settings(pbx):
            log.info("The link with the PBX %s is made again: its settings were changed", name)
            until = post.ami.observed_until
            await self._stop(post, "ami")
            at = self._pbx_now(name) if until is None else until
            self._monitor.submit(LinkChanged(name, at, LinkState.LOST, CHANGED))
            post.ami = self._ami(pbx)
        else:
            # Whether keys are missed is said when the link comes up the next time.
            post.ami.settings = replace(post.ami.settings, wants_digits=self._digits)
        if ari_settings(before) != ari_settings(pbx):
            await self._stop(post, "ari")
            self._clear(name, ARI_WARNING)
            post.ari = self._ari(pbx)
        if before.queue_log != pbx.queue_log:
            await self._stop(post, "log")
            self._clear(name, LOG_WARNING)
            post.follower = self._follower(pbx)
        self._start(post)

    async def _remove(self, name: str) -> None:
        log.info("The PBX %s is watched no more", name)
        post = self._posts.pop(name)
        for part in list(post.tasks):
            await self._stop(post, part)
        self.links.pop(name, None)
        self.orders.pop(name, None)
        while self._monitor.backlog:  # what it said before would bring it back
            self._monitor.step()
        self._monitor.take(self._monitor.engine.remove_pbx(name, self._now()))

    def _start(self, post: _Post) -> None:
        """Begin what does not run yet."""
        if self._group is None:
            return
        name = post.pbx.name
        ways: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "ami": functools.partial(self._keep_up, post.ami)
        }
        if post.ari is not None:
            ways["ari"] = functools.partial(self._keep_ari_up, post.ari)
        if post.follower is not None:
            ways["log"] = post.follower.run
        for part, way in ways.items():
            if part not in post.tasks:
                post.tasks[part] = self._group.create_task(way(), name=f"{part} of {name}")

    async def _stop(self, post: _Post, part: str) -> None:
        task = post.tasks.pop(part, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _clear(self, name: str, code: str) -> None:
        self._monitor.submit(WarningRaised(name, self._pbx_now(name), code, ""))

    # --- the parts ------------------------------------------------------------------------------

    def _ami(self, pbx: Pbx) -> AmiLink:
        settings = ami_settings(pbx, wants_digits=self._digits)
        link = AmiLink(settings, self._monitor.submit, self._now)
        self.links[pbx.name], self.orders[pbx.name] = link, AmiCommands(link)
        return link

    def _ari(self, pbx: Pbx) -> AriLink | None:
        settings = ari_settings(pbx)
        if settings is None:
            return None
        now = functools.partial(self._pbx_now, pbx.name)
        known = functools.partial(self._is_connected, pbx.name)
        return AriLink(settings, self._monitor.submit, now, clock_known=known)

    def _follower(self, pbx: Pbx) -> LogFollower | None:
        if not pbx.queue_log:
            return None
        return LogFollower(
            pbx.name,
            Path(pbx.queue_log),
            self._history,
            lambda: self._monitor.engine.policy,
            self._monitor.submit,
            functools.partial(self._pbx_now, pbx.name),
        )

    def _pbx_now(self, name: str) -> Ms:
        """The time on a PBX's clock, as its AMI link has measured it."""
        state = self._monitor.engine.pbx_state(name)
        return self._now() - (0 if state is None else state.clock_offset)

    def _is_connected(self, name: str) -> bool:
        """Whether a PBX's AMI link is up, and with it the PBX's clock known."""
        state = self._monitor.engine.pbx_state(name)
        return state is not None and state.link is LinkState.CONNECTED

    async def _keep_up(self, link: AmiLink) -> None:
        """Run a link; a mistake of ours in it must not end the watch over the other PBXs."""
        name = link.settings.name
        while True:
            try:
                await link.run()
            except Exception:
                log.exception("The link with the PBX %s failed; it is begun again", name)
                detail = "The link failed; see the log. It is tried again every few seconds."
                self._monitor.submit(LinkChanged(name, self._now(), LinkState.LOST, detail))
            await asyncio.sleep(LINK_RESTART_S)

    async def _keep_ari_up(self, link: AriLink) -> None:
        """Run an ARI link; whatever happens to it, its PBX is observed through AMI."""
        name = link.settings.name
        while True:
            try:
                await link.run()
            except Exception:
                log.exception("The ARI link with the PBX %s failed; it is begun again", name)
                text = "The ARI link failed; see the log. It is tried again every few seconds."
                self._monitor.submit(WarningRaised(name, self._now(), ARI_WARNING, text))
            await asyncio.sleep(LINK_RESTART_S)
