"""Why the monitor cannot do its work: sentences that anybody may read."""

from collections.abc import Callable, Iterator

from sqlalchemy.engine import URL

from config.settings import Pbx, Settings
from monitor.core.engine import Engine
from monitor.core.events import LinkState
from monitor.core.live import PbxState
from monitor.history.errors import place
from telephony_adapters.asterisk.ari_client import address_of

_STATES = {
    LinkState.CONNECTING: "is being made",
    LinkState.RESYNCING: "is being resynchronised",
    LinkState.LOST: "is lost",
    LinkState.REFUSED: "is refused",
}


class Readiness:
    """Gathers what is wrong; addresses and paths are left out of it, since ``/readyz`` is open."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        engine: Engine,
        history_problem: Callable[[], str],
        database: URL | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._engine = engine
        self._history_problem = history_problem

    def __call__(self) -> list[str]:
        """One sentence for each problem; none when all is well."""
        return list(self._found())

    def _found(self) -> Iterator[str]:
        pbxs = self._settings().pbx
        if not pbxs:
            yield "No PBX is configured: add one on the settings page, or a [[pbx]] to the file."
        for pbx in pbxs:
            state = self._engine.pbx_state(pbx.name) or PbxState(pbx.name)
            yield from (_without_addresses(pbx, text) for text in _of(state))
        problem = self._history_problem()
        if problem:
            yield self._without_place(problem)

    def _without_place(self, text: str) -> str:
        if self._database is not None:
            text = text.replace(place(self._database), "the database")
            if self._database.host:
                text = text.replace(self._database.host, "its host")
        return text


def _without_addresses(pbx: Pbx, text: str) -> str:
    for address in _addresses(pbx):
        text = text.replace(f" at {address}", "").replace(address, "its address")
    return text


def _addresses(pbx: Pbx) -> list[str]:
    """Where the PBX is, as sentences about its links name it."""
    found = [f"{pbx.host}:{pbx.port}", pbx.host]
    if pbx.ari is not None:
        host, port = address_of(pbx.ari.url)
        found = [f"{host}:{port}", host, *found]
    return found


def _of(pbx: PbxState) -> Iterator[str]:
    if pbx.link is not LinkState.CONNECTED:
        detail = f": {pbx.detail}" if pbx.detail else "."
        yield f"The link with the PBX {pbx.name} {_STATES[pbx.link]}{detail}"
    yield from (f"PBX {pbx.name}: {text}" for text in pbx.warnings.values())
