"""Tokens for httpx that also hear of broken connections and redirects.

``httpx.Client(transport=OathMeshTransport(client))``.
"""

from __future__ import annotations

import httpx

from .client.client import Client
from .httpx_auth import OathMeshAuth

# What httpx hands on from a request to the one that a redirect makes of it.
_ORIGIN = "oathmesh_origin"


class OathMeshTransport(httpx.BaseTransport):
    """A fresh token for every request that is sent, and again where ``Retries`` says so.

    As ``OathMeshAuth``, and also once more when the connection broke and the method is idempotent.
    With ``follow_redirects`` a redirect within the origin gets a fresh token, another origin none.
    Sends by ``transport``, by default httpx's own; it is closed with this one. A transport with
    ``retries`` of its own repeats no request that was sent, only connections that failed.
    """

    def __init__(self, client: Client, transport: httpx.BaseTransport | None = None) -> None:
        self._auth = OathMeshAuth(client)
        self._transport = transport or httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, with its repetitions."""
        if not _stays(request):
            return self._transport.handle_request(request)
        flow = self._auth.sync_auth_flow(request)
        sent = next(flow)
        while True:
            try:
                response = self._transport.handle_request(sent)
            except httpx.TransportError as lost:
                sent = flow.throw(lost)
                continue
            try:
                sent = flow.send(response)
            except StopIteration:
                return response

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()


class AsyncOathMeshTransport(httpx.AsyncBaseTransport):
    """As ``OathMeshTransport``, for ``httpx.AsyncClient``."""

    def __init__(self, client: Client, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._auth = OathMeshAuth(client)
        self._transport = transport or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, with its repetitions."""
        if not _stays(request):
            return await self._transport.handle_async_request(request)
        flow = self._auth.async_auth_flow(request)
        sent = await flow.__anext__()
        while True:
            try:
                response = await self._transport.handle_async_request(sent)
            except httpx.TransportError as lost:
                sent = await flow.athrow(lost)
                continue
            try:
                sent = await flow.asend(response)
            except StopAsyncIteration:
                return response

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()


def _stays(request: httpx.Request) -> bool:
    """Whether a request goes where the caller sent it, or has been redirected within the origin."""
    url = request.url
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    origin = (url.scheme, url.host, port)
    if request.extensions.setdefault(_ORIGIN, origin) == origin:
        return True
    # The token in it is spent, and no other must go to wherever the answer points.
    request.headers.pop("Authorization", None)
    return False
