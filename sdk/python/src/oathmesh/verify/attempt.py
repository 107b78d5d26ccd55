"""One verification of one call."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Union

from ..call import Call
from ..keys.key_source import KeySource, VerificationKey
from ..replay.replay_store import PendingClaim, ReplayStore, UseOutcome
from ..token.claims import Claims, Payload
from ..token.payload import Header
from ..token.segments import Segments
from .settings import Settings


@dataclass(frozen=True)
class VerifierPorts:
    """What the steps may ask besides the token."""

    keys: KeySource
    replay: ReplayStore


@dataclass(frozen=True)
class ReadBody:
    """A step would like to have the body, of at most so many bytes."""

    max_bytes: int


#: What a step may wait for. A thread and an event loop wait in different ways.
Wait = Union[ReadBody, PendingClaim, Future[Any]]


class Attempt:
    """A step reads what earlier steps have found and records its own finding.

    Asking for a finding before its step has run is a mistake in the order of steps, and refuses.
    """

    token: str
    segments: Segments
    header: Header
    payload: Payload
    claims: Claims
    key: VerificationKey
    use: UseOutcome

    def __init__(self, call: Call, settings: Settings, ports: VerifierPorts, now: float) -> None:
        self.call = call
        self.settings = settings
        self.ports = ports
        #: Unix seconds with a fraction: the only clock reading of this call.
        self.now = now
        #: True once the signature has been verified: from then on the claims are proven.
        self.verified = False
        self.rule: str | None = None

    def __repr__(self) -> str:
        """Without the token."""
        return f"Attempt(verified={self.verified})"
