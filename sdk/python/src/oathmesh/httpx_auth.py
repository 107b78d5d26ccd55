"""Tokens for httpx: ``httpx.get(url, auth=OathMeshAuth(client))``, sync and async."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

import anyio
import anyio.to_thread
import httpx

from .client.client import Client
from .client.retries import MAX_REFUSAL_BYTES, Answer, Retries

# Seconds in which a refusal must have arrived to be looked at.
_PEEK = 5.0


class OathMeshAuth(httpx.Auth):
    """A fresh token for every request that is sent, and again where ``Retries`` says so.

    Raises ``MintError`` when there is no token to have; a refusal is an answer and does not raise.
    With binding the whole body is read into memory. Leave ``follow_redirects`` off, its default:
    the answer that redirects has spent the token. httpx tells a hook nothing of a connection that
    broke: ``OathMeshTransport`` hears of both.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """One call, with its repetitions."""
        if self._client.binding != "off":
            request.read()
        retries = self._retries(request)
        while True:
            request.headers["Authorization"] = self._client.authorization(*_bound(request))
            try:
                response = yield request
            except httpx.TransportError:
                # Thrown in by the transport: httpx itself just ends the flow.
                if not retries.after_lost_answer():
                    raise
                continue
            head = _peek(response) if _is_ours(response) else None
            pause = self._after(retries, response, head)
            if pause is None:
                return
            # httpx reads what is repeated to the end, and the end may never come.
            response.stream.close()  # type: ignore[union-attr]
            response.stream = httpx.ByteStream(head or b"")
            time.sleep(pause)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """One call, with its repetitions; never blocks the event loop."""
        if self._client.binding != "off":
            await request.aread()
        retries = self._retries(request)
        while True:
            authorization = await anyio.to_thread.run_sync(
                self._client.authorization, *_bound(request)
            )
            request.headers["Authorization"] = authorization
            try:
                response = yield request
            except httpx.TransportError:
                if not retries.after_lost_answer():
                    raise
                continue
            head = await _peek_async(response) if _is_ours(response) else None
            pause = self._after(retries, response, head)
            if pause is None:
                return
            await response.stream.aclose()  # type: ignore[union-attr]
            response.stream = httpx.ByteStream(head or b"")
            await anyio.sleep(pause)

    def _retries(self, request: httpx.Request) -> Retries:
        # What streams by cannot be sent twice.
        repeatable = isinstance(request.stream, httpx.ByteStream)
        return Retries(self._client.patience, request.method, repeatable=repeatable)

    def _after(
        self, retries: Retries, response: httpx.Response, head: bytes | None
    ) -> float | None:
        headers = {name.lower(): value for name, value in response.headers.items()}
        pause = retries.after(Answer(response.status_code, headers, head))
        if retries.tokens_too_old:
            self._client.forget_prefetched()
        return pause


def _bound(request: httpx.Request) -> tuple[str, str, bytes]:
    """What a verifier will see of the request."""
    in_memory = isinstance(request.stream, httpx.ByteStream)
    body = request.content if in_memory else b""
    return request.method, request.url.raw_path.decode("ascii"), body


def _is_ours(response: httpx.Response) -> bool:
    plain = response.headers.get("content-encoding", "identity") == "identity"
    return Retries.reads(response.status_code) and plain


def _peek(response: httpx.Response) -> bytes | None:
    """The whole body when it is short and comes soon, else nothing. It stays readable."""
    stream = response.stream
    if not isinstance(stream, httpx.SyncByteStream):
        return None
    chunks: list[bytes] = []
    rest = iter(stream)
    response.stream = _Replayed(chunks, rest, stream)
    ends_at = time.monotonic() + _PEEK
    for chunk in rest:
        chunks.append(chunk)
        if sum(map(len, chunks)) > MAX_REFUSAL_BYTES or time.monotonic() > ends_at:
            return None
    return b"".join(chunks)


async def _peek_async(response: httpx.Response) -> bytes | None:
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        return None
    chunks: list[bytes] = []
    rest = stream.__aiter__()
    response.stream = _AsyncReplayed(chunks, rest, stream)
    ends_at = time.monotonic() + _PEEK
    async for chunk in rest:
        chunks.append(chunk)
        if sum(map(len, chunks)) > MAX_REFUSAL_BYTES or time.monotonic() > ends_at:
            return None
    return b"".join(chunks)


class _Replayed(httpx.SyncByteStream):
    """What was read already, then the rest."""

    def __init__(
        self, chunks: list[bytes], rest: Iterator[bytes], stream: httpx.SyncByteStream
    ) -> None:
        self._chunks = chunks
        self._rest = rest
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        yield from self._rest

    def close(self) -> None:
        self._stream.close()


class _AsyncReplayed(httpx.AsyncByteStream):
    def __init__(
        self, chunks: list[bytes], rest: AsyncIterator[bytes], stream: httpx.AsyncByteStream
    ) -> None:
        self._chunks = chunks
        self._rest = rest
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        with contextlib.suppress(StopAsyncIteration):
            while True:
                yield await self._rest.__anext__()

    async def aclose(self) -> None:
        await self._stream.aclose()
