"""What a token says. Times are whole Unix seconds. Spec 1.3."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Provenance as the issuer stated it."""

    type: str | None = None
    repo: str | None = None
    workflow: str | None = None
    run_id: str | None = None
    sha: str | None = None


@dataclass(frozen=True)
class Payload:
    """A payload of the right types, whether or not it is complete."""

    iss: str | None = None
    sub: str | None = None
    aud: str | None = None
    act: str | None = None
    iat: int | None = None
    exp: int | None = None
    jti: str | None = None
    nbf: int | None = None
    scope: tuple[str, ...] | None = None
    reason: str | None = None
    src: Source | None = None
    delegated_by: str | None = None
    env: str | None = None
    tenant: str | None = None
    rqh: str | None = None


@dataclass(frozen=True)
class Claims:
    """A payload in which every required claim is present."""

    iss: str
    sub: str
    aud: str
    act: str
    iat: int
    exp: int
    jti: str
    nbf: int | None = None
    scope: tuple[str, ...] | None = None
    reason: str | None = None
    src: Source | None = None
    delegated_by: str | None = None
    env: str | None = None
    tenant: str | None = None
    rqh: str | None = None
