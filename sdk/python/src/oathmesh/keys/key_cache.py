"""The keys of the configured issuers, each in a set of its own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass

from ..ports import Clock, Later, Logger, Random, daemon_timer, log, system_clock
from .fetch_jwk_set import Get, https_get
from .jwks_url import jwks_url_of
from .key_set import InlineKeySet, KeySet, KeySetStats
from .key_settings import KeySettings, TrustedIssuer
from .key_source import KeyLookup, Missing
from .remote_key_set import RemoteKeySet, RemoteKeySetOptions


@dataclass(frozen=True)
class KeyPorts:
    """What key sets are made with. Only tests replace them."""

    clock: Clock = system_clock
    log: Logger = log
    random: Random = random.random
    later: Later = daemon_timer
    get: Get | None = None


class KeyCache:
    """A key of one issuer is never found for another.

    Nothing is opened before the first ``find`` or ``prewarm``, and nothing needs to be closed:
    threads and timers do not keep the process alive.
    """

    def __init__(
        self,
        issuers: Sequence[TrustedIssuer],
        settings: KeySettings,
        ports: KeyPorts | None = None,
    ) -> None:
        """Raises ``TypeError`` that names the field of the configuration."""
        self._sets: dict[str, KeySet] = {}
        self._ports = ports or KeyPorts()
        self._get = self._ports.get
        for index, trusted in enumerate(issuers):
            field = f"issuers[{index}]"
            if trusted.issuer == "":
                raise TypeError(f"{field}.issuer: is empty")
            if trusted.issuer in self._sets:
                raise TypeError(f"{field}.issuer: is listed twice")
            self._sets[trusted.issuer] = self._key_set(trusted, settings, field)

    def find(self, issuer: str, kid: str) -> KeyLookup | Future[KeyLookup]:
        """At once when the answer is cached, which is every call but the first few."""
        key_set = self._sets.get(issuer)
        return Missing.UNKNOWN_KID if key_set is None else key_set.find(kid)

    def prewarm(self, timeout: float = 0) -> None:
        """Begins the first fetch of every issuer and waits for them for ``timeout`` seconds."""
        flights = [key_set.prewarm() for key_set in self._sets.values()]
        pending = [flight for flight in flights if flight is not None]
        wait(pending, timeout)

    def purge(self) -> None:
        """For emergencies: forgets every fetched key now, then fetches anew.

        Until that has succeeded, tokens of the issuer are refused: forgotten keys never serve as
        stale. Fetches for repeated purges begin at least a second apart.
        """
        for key_set in self._sets.values():
            key_set.purge()

    def stats(self) -> tuple[KeySetStats, ...]:
        """One row per issuer."""
        return tuple(key_set.stats() for key_set in self._sets.values())

    def _key_set(self, trusted: TrustedIssuer, settings: KeySettings, field: str) -> KeySet:
        if trusted.jwks is not None:
            return InlineKeySet(trusted, field)
        url = jwks_url_of(trusted, settings, field)
        if self._get is None:
            self._get = https_get(settings.ca_file)
        ports = self._ports
        return RemoteKeySet(
            RemoteKeySetOptions(
                issuer=trusted.issuer,
                url=url,
                settings=settings,
                get=self._get,
                clock=ports.clock,
                log=ports.log,
                random=ports.random,
                later=ports.later,
            )
        )
