"""What the operator reads about the keys of one issuer."""

from __future__ import annotations

import math

from ..ports import Logger, printable
from .fetch_jwk_set import JwksFault
from .jwk_set import JwkSet


class KeySetReports:
    """A line for each failed fetch, which the back-off bounds, and for what is new or doubtful."""

    def __init__(self, issuer: str, log: Logger) -> None:
        self._issuer = printable(issuer)
        self._log = log
        self._failing = False
        self._last_doubts = ""

    def fault(self, fault: JwksFault, keys_held: int, wait: float) -> None:
        """A fetch failed."""
        self._failing = True
        self._log.warning(
            "the keys of issuer %s could not be fetched: %s; %d keys held, next try in %d s",
            self._issuer,
            printable(fault),
            keys_held,
            math.ceil(wait),
        )

    def document(self, document: JwkSet) -> None:
        """A fetch gave a good document."""
        if self._failing:
            self._log.info("the keys of issuer %s are fetched again", self._issuer)
        self._failing = False
        doubts = list(document.dropped) if document.keys else ["no usable key", *document.dropped]
        text = "; ".join(doubts)
        # An issuer that also publishes RSA keys would otherwise fill the log, a line per refresh.
        if text not in ("", self._last_doubts):
            self._log.warning(
                "issuer %s publishes keys that cannot be used: %s", self._issuer, printable(text)
            )
        self._last_doubts = text

    def purge(self) -> None:
        """The keys were dropped on request."""
        self._log.info("the keys of issuer %s were dropped on request", self._issuer)
