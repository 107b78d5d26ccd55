"""Reading headers and payloads. RFC 7515, 4.1; spec 1.2, 1.3."""

from __future__ import annotations

from typing import NamedTuple

from .claims import Payload, Source
from .members import Members


class Header(NamedTuple):
    """The members of a JOSE header that verification looks at."""

    typ: str | None
    alg: str | None
    kid: str | None
    #: Whether ``crit`` is there in any form.
    critical: bool


def read_header(value: object) -> Header:
    """Shapes a decoded header; embedded keys (``jwk``, ``jku``, ``x5c``, ``x5u``) are never read.

    Raises ``TypeError`` for a member of another type.
    """
    members = Members(value)
    return Header(
        typ=members.string("typ"),
        alg=members.string("alg"),
        kid=members.string("kid"),
        critical=members.has("crit"),
    )


def read_payload(value: object) -> Payload:
    """Shapes a decoded payload; unknown claims are left out.

    Raises ``TypeError`` for a known claim of another type, an ``aud`` list included.
    """
    members = Members(value)
    src = members.object("src")
    return Payload(
        iss=members.string("iss"),
        sub=members.string("sub"),
        aud=members.string("aud"),
        act=members.string("act"),
        jti=members.string("jti"),
        reason=members.string("reason"),
        delegated_by=members.string("delegated_by"),
        env=members.string("env"),
        tenant=members.string("tenant"),
        rqh=members.string("rqh"),
        iat=members.time("iat"),
        exp=members.time("exp"),
        nbf=members.time("nbf"),
        scope=members.strings("scope"),
        src=None if src is None else _read_source(src),
    )


def _read_source(members: Members) -> Source:
    return Source(
        type=members.string("type"),
        repo=members.string("repo"),
        workflow=members.string("workflow"),
        run_id=members.string("run_id"),
        sha=members.string("sha"),
    )
