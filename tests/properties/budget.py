"""How many examples are tried: some hundred in the normal suite, as many as wanted in a long run.

The normal suite tries the same examples every time, so that it fails only for who broke something;
``make properties`` searches further, each time elsewhere.
"""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, settings

NORMAL: Final = 1_500
WANTED: Final = os.environ.get("PROPERTY_EXAMPLES", "")

Test = TypeVar("Test", bound=Callable[..., Any])


def examples(share: float) -> Callable[[Test], Test]:
    """Give a property its share of all examples."""
    return settings(
        max_examples=max(1, round(share * int(WANTED or NORMAL))),
        derandomize=not WANTED,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
