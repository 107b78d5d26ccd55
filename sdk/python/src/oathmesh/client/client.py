"""Calls to an API behind OathMesh, with one fresh token per request that is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from ..binding.request_hash import BINDING_MODES, request_hash
from ..call import RequestLine
from ..token.claims import Source
from ..token.signing_key import SigningKey, read_signing_key
from ..token.subject import is_subject
from .credential import Credential, credential_of
from .issuer_source import IssuerSource
from .local_source import LocalSource
from .refused_error import RefusedError, WantedToken, refused
from .retries import MAX_REFUSAL_BYTES, Patience, read_json
from .token_pool import TokenPool
from .token_source import TokenRequest, TokenSource


class Client:
    """Made by ``create_client``. Safe to share between threads."""

    def __init__(
        self,
        source: TokenSource,
        request: TokenRequest,
        *,
        issuer: str,
        binding: str = "off",
        prefetch: int = 0,
        patience: Patience | None = None,
    ) -> None:
        self._minted = WantedToken((issuer,), request.audience, binding)
        self._source = source
        self._request = request
        self._pool = TokenPool(source, request, prefetch)
        #: The mode in which tokens are bound to requests.
        self.binding = binding
        self.patience = patience or Patience()

    def authorization(self, method: str = "GET", url: str = "", body: bytes = b"") -> str:
        """The value of ``Authorization`` for one request: ``OathMesh`` and a new token.

        With ``binding``, the arguments say for which request: the URL or path with query, as it
        will be sent, and the raw body. Raises ``MintError`` when there is no token to have.
        """
        if self.binding == "off":
            return f"OathMesh {self._pool.take()}"
        if url == "":
            raise TypeError("authorization: binding needs the request")
        line = request_line_of(method, url)
        request = replace(self._request, request_hash=request_hash(self.binding, line, body))
        return f"OathMesh {self._source.mint(request).token}"

    async def authorization_async(
        self, method: str = "GET", url: str = "", body: bytes = b""
    ) -> str:
        """As ``authorization``, without blocking the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self.authorization, method, url, body)

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> RefusedError | None:
        """What an answer says if it is a refusal of a verifier: an error to raise, or ``None``.

        It names where what the API wants differs from what this client mints.
        """
        named = {name.lower(): value for name, value in headers.items()}
        whole = body if len(body) <= MAX_REFUSAL_BYTES else None
        return refused(status, read_json(named, whole), self._minted)

    def forget_prefetched(self) -> None:
        """Throws away the tokens minted ahead: verifiers do not take any as old as these."""
        self._pool.clear()

    def __repr__(self) -> str:
        """Without key and credential."""
        return f"Client(audience={self._request.audience!r}, action={self._request.action!r})"


def create_client(
    *,
    issuer: str,
    audience: str,
    action: str,
    credential: None | str | Credential = None,
    key: None | str | bytes | SigningKey = None,
    subject: str | None = None,
    scope: Sequence[str] | None = None,
    reason: str | None = None,
    env: str | None = None,
    tenant: str | None = None,
    source: Source | None = None,
    ttl: int = 120,
    binding: str = "off",
    prefetch: int = 0,
    retries: int = 2,
    longest_wait: float = 10.0,
    timeout: float = 5.0,
) -> Client:
    """Makes a client, which asks nothing yet. Raises ``TypeError`` that names the argument.

    ``issuer`` is the URL of the issuer; with ``key`` only the ``iss`` of the tokens. ``credential``
    proves this process to the issuer: a secret, or a function that has a fresh one
    (``github_actions``). ``key`` mints here instead, with this private key (PKCS#8 PEM), for
    ``subject``. ``audience`` is the name by which the API knows itself, ``action`` what the calls
    do. ``ttl`` is 1-300 seconds. ``binding`` is the mode in which the API checks ``rqh``; ``off``
    binds nothing. ``prefetch`` holds 0-32 tokens ready, not with ``binding``. ``retries`` is 0-10
    attempts after the first when asked to wait, ``longest_wait`` the longest ``Retry-After`` in
    seconds that is waited for, ``timeout`` the seconds for one request to the issuer.
    """
    for name, text in (("issuer", issuer), ("audience", audience), ("action", action)):
        if not isinstance(text, str) or text == "":
            raise TypeError(f"{name}: must be a non-empty string")
    _check_subject(subject, needed=key is not None)
    if binding not in BINDING_MODES:
        raise TypeError(f"binding: must be one of {', '.join(BINDING_MODES)}")
    _whole("prefetch", prefetch, 0, 32)
    if prefetch > 0 and binding != "off":
        raise TypeError("prefetch: a token that is bound to its request cannot be minted ahead")
    _whole("ttl", ttl, 1, 300)
    _whole("retries", retries, 0, 10)
    _seconds("longest_wait", longest_wait, 0)
    _seconds("timeout", timeout, 0.001)
    patience = Patience(retries, longest_wait)
    request = TokenRequest(
        audience=audience,
        action=action,
        subject=subject,
        ttl=ttl,
        scope=None if scope is None else tuple(scope),
        reason=reason,
        env=env,
        tenant=tenant,
        source=source,
    )
    origin = _source_of(issuer, credential, key, patience, timeout)
    return Client(
        origin, request, issuer=issuer, binding=binding, prefetch=prefetch, patience=patience
    )


def request_line_of(method: str, url: str) -> RequestLine:
    """The request-target that is sent for a URL, or for a path with query."""
    if url.startswith("/"):
        # A path may begin with two slashes, which a URL parser takes for a host.
        path, _, query = url.partition("?")
        return RequestLine(method, path, query)
    parts = urlsplit(url)
    return RequestLine(method, parts.path or "/", parts.query)


def _source_of(
    issuer: str,
    credential: None | str | Credential,
    key: None | str | bytes | SigningKey,
    patience: Patience,
    timeout: float,
) -> TokenSource:
    if key is not None and credential is None:
        return LocalSource(issuer, _read_key(key))
    if credential is not None and key is None:
        return IssuerSource(issuer, credential_of(credential), patience, timeout)
    raise TypeError("give either key or credential")


def _read_key(key: str | bytes | SigningKey) -> SigningKey:
    if isinstance(key, SigningKey):
        return key
    try:
        return read_signing_key(key)
    except TypeError as fault:
        raise TypeError(f"key: {fault}") from None


def _check_subject(subject: str | None, *, needed: bool) -> None:
    if subject is None:
        if needed:
            raise TypeError("subject: needed with key")
    elif not is_subject(subject):
        raise TypeError("subject: must be agent://, svc://, job://, tool:// or user:// and a name")


def _whole(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise TypeError(f"{name}: must be a whole number from {least} to {most}")


def _seconds(name: str, value: object, least: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= 600:
        raise TypeError(f"{name}: must be seconds from {least:g} to 600")
