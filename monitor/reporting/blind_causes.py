"""Why nobody looked, as stable codes: the record has it in the words of whoever noticed."""

import re
from typing import Final

OTHER: Final = "other"
RESTARTED: Final = "restarted"
_RESTARTED: Final = "The PBX started anew."
_CODES: Final = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"^The monitor was stopped\.", "monitor_stopped"),
        (r"^The monitor was not running\.", "monitor_not_running"),
        (r"^The PBX (was taken out of the settings|is not configured any more)\.", "not_watched"),
        (r"^The settings of the link were changed", "settings_changed"),
        (r"^Cannot reach ", "unreachable"),
        (r"does not answer (any more|like an Asterisk manager)", "no_answer"),
        (r"closed the connection|was lost meanwhile", "closed"),
        (r"is shutting down or restarting|has just finished starting", "restarting"),
        (r"refuses the AMI account|does not say who waits", "refused"),
        (r"^The certificate of |^No TLS with |^The ca_file of ", "tls"),
        (r"did not finish telling its state|told its state in an unknown form", "state_untold"),
        (r"^The clock of the PBX ", "clock_set"),
        (r"took only a part of the event filters", "filters"),
        (r"^The link (with the PBX .+ )?failed[;,]", "link_failed"),
    )
)
CODES: Final = (*(code for _, code in _CODES), RESTARTED)


def codes_of(cause: str) -> tuple[str, ...]:
    """The codes of a recorded cause; :data:`OTHER` where its words are not known, none of none."""
    first = cause.replace(_RESTARTED, "").strip()
    restarted = (RESTARTED,) if _RESTARTED in cause else ()
    if not first:
        return restarted
    found = next((code for pattern, code in _CODES if pattern.search(first)), OTHER)
    return (found, *restarted)
