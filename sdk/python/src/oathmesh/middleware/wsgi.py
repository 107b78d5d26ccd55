"""WSGI: Flask, Django, Bottle and whatever else speaks it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Callable
from urllib.parse import quote, urlsplit

from ..call import Body, Call, OverLimit, RequestLine, Unreadable
from ..caller import Caller
from ..headers import is_identity_header
from ..verify.verifier import Decision, Verifier
from .identity_headers import DEFAULT_HEADERS, check_identity_headers, identity_headers
from .refusal import Refuser

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# RFC 3986, 3.3: what stands in a path as it is.
_PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"


class WsgiMiddleware:
    """Lets only verified calls through to ``app``.

    The application finds the ``Caller`` in ``environ["oathmesh"]`` and its identity in
    ``HTTP_X_OATHMESH_*``; what a client sent under such names is removed, and so is the token.
    ``on_decision`` is called with every decision; what it raises is passed on to the server.
    """

    def __init__(
        self,
        app: WsgiApp,
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

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        passed = dict(environ)
        decision = self._verifier.verify(_call_of(environ, passed))
        if self._on_decision is not None:
            self._on_decision(decision)
        caller = decision.caller
        if caller is not None:
            self._identify(passed, caller)
            return self._app(passed, start_response)
        status, headers, body = self._refuser.answer(_denial_of(decision))
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers))
        return [body]

    def _identify(self, environ: Environ, caller: Caller) -> None:
        for name in [name for name in environ if _is_ours(name)]:
            del environ[name]
        for name, value in identity_headers(caller, self._headers):
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        environ["oathmesh"] = caller


def _denial_of(decision: Decision) -> Any:
    return decision.denial


def _is_ours(name: str) -> bool:
    if not name.startswith("HTTP_"):
        return False
    header = name[len("HTTP_") :].replace("_", "-")
    return header.lower() == "authorization" or is_identity_header(header)


def _call_of(environ: Environ, passed: Environ) -> Call:
    def read(max_bytes: int) -> Body:
        return _read_body(environ, passed, max_bytes)

    authorization = environ.get("HTTP_AUTHORIZATION")
    connection = environ.get("HTTP_CONNECTION")
    return Call(
        # Servers join repeated headers with a comma, which is refused.
        authorization=() if authorization is None else (authorization,),
        connection=() if connection is None else (connection,),
        line=_line_of(environ),
        body=read,
    )


def _line_of(environ: Environ) -> RequestLine:
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if isinstance(target, str):
        if not target.startswith("/"):
            parts = urlsplit(target)
            return RequestLine(method, parts.path, parts.query)
        path, _, query = target.partition("?")
        return RequestLine(method, path, query)
    # The server hides the raw path, so what is judged is what the application sees of it.
    seen = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return RequestLine(method, quote(seen.encode("latin-1"), _PATH_CHARACTERS), query)


def _read_body(environ: Environ, passed: Environ, max_bytes: int) -> Body:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    if length == "" and not environ.get("wsgi.input_terminated"):
        # Without a length there is nothing that an application may read either, but for a chunked
        # body, which some servers hand over and others do not.
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        return Unreadable() if chunked else b""
    if length != "" and not (length.isascii() and length.isdigit()):
        return Unreadable()
    if length != "" and int(length) > max_bytes:
        return OverLimit()
    body = _read(stream, int(length) if length != "" else max_bytes + 1)
    if len(body) > max_bytes:
        return OverLimit()
    if length != "" and len(body) < int(length):
        return Unreadable()
    passed["wsgi.input"] = io.BytesIO(body)
    return body


def _read(stream: Any, most: int) -> bytes:
    chunks = []
    while most > 0:
        chunk = stream.read(most)
        if chunk == b"":
            break
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)
