"""Tokens for requests: ``requests.get(url, auth=OathMeshAuth(client))``."""

from __future__ import annotations

import time
from typing import Any

import requests
import urllib3
from requests.auth import AuthBase

from .client.client import Client
from .client.retries import MAX_REFUSAL_BYTES, Answer, Retries

# Seconds in which a refusal must have arrived to be looked at.
_PEEK = 5.0


class OathMeshAuth(AuthBase):
    """A fresh token for every request that is sent, and again where ``Retries`` says so.

    Raises ``MintError`` when there is no token to have; a refusal is an answer and does not raise.
    The token does not travel along a redirect, which has spent it, and a connection that broke
    raises: ``OathMeshAdapter`` sends both again. With binding the body must be in memory, else
    ``TypeError``.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Prepares one call."""
        authorize(self._client, request)
        retries = retries_of(self._client, request)

        def settle(response: requests.Response, *_: Any, **options: Any) -> requests.Response:
            return self._settle(retries, response, options)

        request.register_hook("response", settle)
        return request

    def _settle(
        self, retries: Retries, response: requests.Response, options: dict[str, Any]
    ) -> requests.Response:
        while True:
            if response.is_redirect:
                response.request.headers.pop("Authorization", None)
                return response
            if not goes_again(self._client, retries, response):
                return response
            response = self._again(response, options)

    def _again(self, response: requests.Response, options: dict[str, Any]) -> requests.Response:
        request = response.request.copy()
        authorize(self._client, request)
        adapter: requests.adapters.HTTPAdapter = response.connection
        again = adapter.send(request, **options)
        again.request = request
        return again


def authorize(client: Client, request: requests.PreparedRequest) -> None:
    """Gives a request, as it will be sent, a token of its own."""
    body = b""
    if client.binding != "off":
        body = _body_of(request)
    target = request.path_url
    if target.startswith("//"):
        # What the library makes of it when it is sent.
        target = "/" + target.lstrip("/")
    request.headers["Authorization"] = client.authorization(request.method or "GET", target, body)


def retries_of(client: Client, request: requests.PreparedRequest) -> Retries:
    """How often a call may be sent; what streams by cannot be sent twice."""
    repeatable = request.body is None or isinstance(request.body, (str, bytes))
    return Retries(client.patience, request.method or "GET", repeatable=repeatable)


def goes_again(client: Client, retries: Retries, response: requests.Response) -> bool:
    """Whether to send a call again, after the time that the answer asks for. It is closed then."""
    head = _peek(response) if _is_ours(response) else None
    headers = {name.lower(): value for name, value in response.headers.items()}
    pause = retries.after(Answer(response.status_code, headers, head))
    if retries.tokens_too_old:
        client.forget_prefetched()
    if pause is None:
        return False
    response.close()
    time.sleep(pause)
    return True


def _body_of(request: requests.PreparedRequest) -> bytes:
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    raise TypeError("body: binding needs a body in memory, not one that streams by")


def _is_ours(response: requests.Response) -> bool:
    plain = response.headers.get("content-encoding", "identity") == "identity"
    return Retries.reads(response.status_code) and plain


def _peek(response: requests.Response) -> bytes | None:
    """The whole body when it is short and comes soon, else nothing. It stays readable."""
    raw = response.raw
    read = getattr(raw, "read1", raw.read)
    ends_at = time.monotonic() + _PEEK
    head = b""
    while True:
        try:
            chunk = read(MAX_REFUSAL_BYTES)
        except urllib3.exceptions.HTTPError:
            raise requests.exceptions.ConnectionError("a refusal could not be read") from None
        head += chunk
        ended = chunk == b""
        if ended or len(head) > MAX_REFUSAL_BYTES or time.monotonic() > ends_at:
            response.raw = _Replayed(head, raw)
            return head if ended else None


class _Replayed:
    """What was read already, then the rest; everything else is the original's."""

    def __init__(self, head: bytes, raw: Any) -> None:
        self._head = head
        self._raw = raw

    def read(self, amount: int | None = None, **options: Any) -> bytes:
        """The next bytes."""
        head = self._head
        if amount is None:
            self._head = b""
            return head + bytes(self._raw.read(**options))
        if head == b"":
            return bytes(self._raw.read(amount, **options))
        self._head = head[amount:]
        return head[:amount]

    def stream(self, amount: int, decode_content: bool | None = None) -> Any:
        """All of it, in pieces."""
        while self._head:
            yield self.read(amount)
        yield from self._raw.stream(amount, decode_content=decode_content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)
