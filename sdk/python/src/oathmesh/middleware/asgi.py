"""ASGI: Starlette, FastAPI, Django, Quart and whatever else speaks it."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, MutableMapping
from typing import Any, Callable

from ..call import Body, Call, OverLimit, RequestLine, Unreadable
from ..caller import Caller
from ..headers import is_identity_header
from ..verify.verifier import Decision, Verifier
from .identity_headers import DEFAULT_HEADERS, check_identity_headers, identity_headers
from .refusal import RefusalAnswer, Refuser

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiMiddleware:
    """Lets only verified calls through to ``app``; WebSocket handshakes as well.

    The application finds the ``Caller`` in ``scope["oathmesh"]`` and its identity in
    ``X-OathMesh-*`` headers; what a client sent under such names, in any spelling, is removed, and
    so is the token. ``on_decision`` is called with every decision; what it raises is passed on to
    the server.
    """

    def __init__(
        self,
        app: AsgiApp,
        verifier: Verifier,
        *,
        realm: str = "oathmesh",
        challenge: str = "full",
        headers: Iterable[str] = DEFAULT_HEADERS,
        on_decision: Callable[[Decision], None] | None = None,
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._refuser = Refuser(verifier.settings, realm, challenge)
        self._headers = check_identity_headers(headers)
        self._on_decision = on_decision

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        body = _BufferedBody(receive)
        decision = await self._verifier.verify_async(_call_of(scope, body))
        if self._on_decision is not None:
            self._on_decision(decision)
        if decision.denial is not None:
            answer = self._refuser.answer(decision.denial)
            await _refuse(scope, receive, send, answer)
        elif decision.caller is not None:
            await self._app(self._passed(scope, decision.caller), body.receive, send)

    def _passed(self, scope: Scope, caller: Caller) -> Scope:
        kept = [
            (name, value)
            for name, value in scope["headers"]
            if not _is_ours(name.decode("latin-1"))
        ]
        added = [
            (name.lower().encode("ascii"), value.encode("ascii"))
            for name, value in identity_headers(caller, self._headers)
        ]
        return {**scope, "headers": [*kept, *added], "oathmesh": caller}


def _is_ours(name: str) -> bool:
    return name.lower().replace("_", "-") == "authorization" or is_identity_header(name)


def _call_of(scope: Scope, body: _BufferedBody) -> Call:
    # The server's raw path; where it gives none, one that fits nothing, since a decoded path could
    # have been any of several.
    raw_path: bytes = scope.get("raw_path") or b""
    return Call(
        authorization=_values(scope, b"authorization"),
        connection=_values(scope, b"connection"),
        line=RequestLine(
            scope.get("method", "GET"),
            raw_path.split(b"?", 1)[0].decode("latin-1"),
            scope.get("query_string", b"").decode("latin-1"),
        ),
        body=body.read if scope["type"] == "http" else _no_body,
    )


def _values(scope: Scope, wanted: bytes) -> tuple[str, ...]:
    return tuple(
        value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted
    )


def _no_body(_max_bytes: int) -> Body:
    return b""


class _BufferedBody:
    """Reads the body ahead for the verifier and hands the same messages to the application."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def read(self, max_bytes: int) -> Body:
        """The body, of at most so many bytes."""
        chunks: list[bytes] = []
        length = 0
        while True:
            message = await self._receive()
            self._messages.append(message)
            if message["type"] != "http.request":
                return Unreadable()
            chunks.append(message.get("body", b""))
            length += len(chunks[-1])
            if length > max_bytes:
                return OverLimit()
            if not message.get("more_body", False):
                return b"".join(chunks)

    async def receive(self) -> Message:
        """What was read already, then the rest."""
        if self._messages:
            return self._messages.pop(0)
        return await self._receive()


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: RefusalAnswer) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    kind = "http.response"
    if scope["type"] == "websocket":
        kind = "websocket.http.response"
        if kind not in scope.get("extensions", {}):
            # Servers answer 403 to a handshake that is closed.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await receive()
    await send({"type": f"{kind}.start", "status": answer.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": answer.body})
