from __future__ import annotations

import time

from oathmesh.replay.known_good import KnownGood
from oathmesh.replay.replay_store import TokenUse


def use(token: str) -> TokenUse:
    return TokenUse("https://issuer.test", token, "svc://a", 0, 100, 30, token)


def test_a_token_that_was_seen_is_never_fresh() -> None:
    """All its uses may have been refused for want of an answer, before Redis forgot them."""
    good = KnownGood(time.monotonic)
    good.strike(use("struck"))
    assert not good.add(use("struck"))
    assert not good.has(use("struck"), 60)
    assert good.add(use("other"))
    assert good.has(use("other"), 60)
    good.strike(use("other"))
    assert not good.add(use("other"))
    assert not good.has(use("other"), 60)


def test_a_repeat_shuts_the_window_of_a_known_token_alone() -> None:
    good = KnownGood(time.monotonic)
    good.shut(use("winner of a race"))
    assert good.add(use("winner of a race"))
    good.shut(use("winner of a race"))
    assert not good.has(use("winner of a race"), 60)
