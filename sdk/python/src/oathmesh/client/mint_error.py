"""Why there is no token."""

from __future__ import annotations


class MintError(Exception):
    """``kind`` is ``refused`` when the issuer said no, ``unavailable`` when it could not be asked.

    Never holds a token or a credential. ``code`` is the issuer's word for it, such as
    ``mint_denied``; match on this. ``step`` is the protocol's label where the answer names one,
    ``fix`` what to do about it, ``status`` the HTTP status.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        step: int | None = None,
        fix: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.step = step
        self.fix = fix
        self.status = status
