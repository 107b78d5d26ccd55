"""Tokens signed in this process."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass

from ..ports import Clock, system_clock
from ..token.mint import mint
from ..token.signing_key import SigningKey
from ..token.subject import is_subject
from .mint_error import MintError
from .token_source import MintedToken, TokenRequest


@dataclass(frozen=True)
class LocalSource:
    """No network, and whoever runs it can name any subject."""

    #: ``iss`` of every token.
    issuer: str
    key: SigningKey
    clock: Clock = system_clock

    def mint(self, request: TokenRequest) -> MintedToken:
        """One token."""
        if request.subject is None or not is_subject(request.subject):
            raise MintError("refused", "the subject is not of the form scheme://name")
        iat = math.floor(self.clock())
        exp = iat + request.ttl
        claims = {
            "iss": self.issuer,
            **request.members(),
            "iat": iat,
            "exp": exp,
            "jti": str(uuid.uuid4()),
        }
        return MintedToken(mint(claims, self.key), float(exp))
