"""The identity of a GitHub Actions job."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import quote

from ..http_get import HttpFault, HttpLimits, HttpRequest, exchange
from .credential import Credential
from .issuer_url import credential_url
from .mint_error import MintError
from .retries import read_json

_LIMITS = HttpLimits(timeout=10.0, max_bytes=64 * 1024)
_IDENTITY = re.compile(r"[\x21-\x7e]+")


def github_actions(audience: str, env: Mapping[str, str] | None = None) -> Credential:
    """A credential: an OIDC token for the issuer, fetched anew each time.

    ``audience`` is the one the issuer expects, usually its own URL. ``env`` is the process's own
    unless given. Raises ``TypeError`` outside of a job with ``permissions: id-token: write``; the
    credential raises ``MintError``.
    """
    variables = os.environ if env is None else env
    url = variables.get("ACTIONS_ID_TOKEN_REQUEST_URL", "")
    token = variables.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "")
    if url == "" or _IDENTITY.fullmatch(token) is None:
        raise TypeError('not a GitHub Actions job with "permissions: id-token: write"')
    parts = credential_url(url, "ACTIONS_ID_TOKEN_REQUEST_URL")
    query = f"{parts.query}&" if parts.query else ""
    target = parts._replace(query=f"{query}audience={quote(audience, safe='')}").geturl()
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def credential() -> str:
        try:
            answer = exchange(HttpRequest(target, headers=headers), _LIMITS)
        except HttpFault as fault:
            text = f"GitHub gave no identity token: {fault}"
            raise MintError("unavailable", text) from None
        identity = read_json(answer.headers, answer.body).get("value")
        if answer.status == 200 and isinstance(identity, str) and _IDENTITY.fullmatch(identity):
            return identity
        raise MintError(
            "unavailable",
            f"GitHub gave no identity token: status {answer.status}",
            status=answer.status,
        )

    return credential
