"""The three parts of a token. RFC 7515, 3.1."""

from __future__ import annotations

from typing import NamedTuple


class Segments(NamedTuple):
    """The parts of a JWS in compact serialization, still encoded."""

    header: str
    payload: str
    signature: str

    @property
    def signing_input(self) -> str:
        """What was signed: the first two parts and the dot between them, exactly as received."""
        return f"{self.header}.{self.payload}"


def split_token(token: str) -> Segments | None:
    """Takes a token apart, or gives ``None`` unless it has exactly three parts."""
    parts = token.split(".", 3)
    return Segments(*parts) if len(parts) == 3 else None
