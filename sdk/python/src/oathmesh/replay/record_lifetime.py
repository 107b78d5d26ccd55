"""How long a use must be remembered."""

from __future__ import annotations

import math

from .replay_store import TokenUse


def record_lifetime(use: TokenUse, now: float) -> int:
    """Whole seconds for which a use must be remembered: ``exp + 2L - now``, rounded up.

    A record that dies earlier lets the token live again, inside the leeway of whoever has the
    slowest clock: that one sees ``exp`` plus the leeway a leeway later.
    """
    return max(1, math.ceil(use.acceptable_until + use.leeway - now))
