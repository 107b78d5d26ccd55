"""One HTTP exchange with a peer that is not trusted: bounded in time and memory, no redirects."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit


class HttpAnswer(NamedTuple):
    """A whole answer. Redirects are answers like any other."""

    status: int
    #: Names in lower case; of a repeated header the last value.
    headers: Mapping[str, str]
    body: bytes


class HttpFault(Exception):
    """Why there is no answer to use. The message is for operators and quotes nothing of a request.

    ``kind`` is ``no_answer`` for a peer that cannot be reached, trusted or waited for, and
    ``unusable_answer`` for one that answered outside the limits.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class HttpRequest(NamedTuple):
    """What is sent."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes | None = None

    def __repr__(self) -> str:
        """Without headers and body, which may hold a credential."""
        return f"HttpRequest({self.method} {self.url!r})"


class HttpLimits(NamedTuple):
    """How far one exchange may go."""

    #: Seconds for all of it: name resolution, connect, TLS, headers and body.
    timeout: float
    #: A longer body is refused while it is being read.
    max_bytes: int


def exchange(
    request: HttpRequest, limits: HttpLimits, context: ssl.SSLContext | None = None
) -> HttpAnswer:
    """Sends one request on a connection of its own. Raises ``HttpFault`` and nothing else.

    The work is done by a thread that is left behind at the end of the time, since name resolution
    cannot be interrupted; its socket is shut down.
    """
    attempt = _Exchange(request, limits, context)
    thread = threading.Thread(target=attempt.run, name="oathmesh-http", daemon=True)
    thread.start()
    thread.join(limits.timeout)
    return attempt.result()


class _Exchange:
    def __init__(
        self, request: HttpRequest, limits: HttpLimits, context: ssl.SSLContext | None
    ) -> None:
        self._request = request
        self._limits = limits
        self._context = context
        self._ends_at = time.monotonic() + limits.timeout
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()
        self._given_up = False
        self._answer: HttpAnswer | None = None
        self._fault: HttpFault | None = None

    def run(self) -> None:
        try:
            answer, fault = self._ask(), None
        except HttpFault as known:
            answer, fault = None, known
        except Exception as cause:  # noqa: BLE001 - whatever a peer makes the library raise
            answer, fault = None, HttpFault("no_answer", _describe(cause))
        with self._lock:
            self._answer, self._fault = answer, fault
        self._close()

    def result(self) -> HttpAnswer:
        with self._lock:
            self._given_up = self._answer is None and self._fault is None
            answer, fault, given_up = self._answer, self._fault, self._given_up
        if given_up:
            self._close()
            seconds = f"{self._limits.timeout:g}"
            raise HttpFault("no_answer", f"no complete answer within {seconds} s")
        if answer is None:
            raise fault or HttpFault("no_answer", "no answer")
        return answer

    def _ask(self) -> HttpAnswer:
        url = urlsplit(self._request.url)
        connection = self._connect(url)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = {"Accept-Encoding": "identity", "Connection": "close", **self._request.headers}
        try:
            connection.request(self._request.method, target, self._request.body, headers)
        except ValueError:
            # The library quotes the header that it refuses.
            raise HttpFault("no_answer", "the request cannot be written") from None
        with contextlib.closing(connection.getresponse()) as response:
            named = {name.lower(): value for name, value in response.getheaders()}
            return HttpAnswer(response.status, named, self._read(response))

    def _connect(self, url: SplitResult) -> http.client.HTTPConnection:
        host = url.hostname or ""
        timeout = max(0.001, self._ends_at - time.monotonic())
        connection: http.client.HTTPConnection
        if url.scheme == "https":
            context = self._context or _default_context()
            connection = http.client.HTTPSConnection(
                host, url.port, timeout=timeout, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, url.port, timeout=timeout)
        with self._lock:
            self._connection = connection
        connection.connect()
        with self._lock:
            given_up = self._given_up
        if given_up:
            raise HttpFault("no_answer", "too late")
        return connection

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        most = self._limits.max_bytes
        # Unpacking would let a few kilobytes become gigabytes, and we asked for none.
        if response.headers.get("content-encoding", "identity") != "identity":
            raise HttpFault("unusable_answer", "the body is compressed")
        if response.length is not None and response.length > most:
            raise HttpFault("unusable_answer", f"the body is longer than {most} bytes")
        body = response.read(most + 1)
        if len(body) > most:
            raise HttpFault("unusable_answer", f"the body is longer than {most} bytes")
        if response.length:
            raise HttpFault("no_answer", "the body ends early")
        return body

    def _close(self) -> None:
        with self._lock:
            connection = self._connection
        if connection is None:
            return
        sock = connection.sock
        if sock is not None:
            # Wakes the thread that is still reading; closing alone would not.
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        connection.close()


@lru_cache(maxsize=1)
def _default_context() -> ssl.SSLContext:
    """Made once: reading all authorities of the system takes longer than an exchange."""
    return ssl.create_default_context()


def _describe(cause: BaseException) -> str:
    if isinstance(cause, (TimeoutError, socket.timeout)):
        return "no answer in time"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, http.client.HTTPException):
        # Texts of this kind quote what the peer sent.
        return f"not an HTTP answer ({type(cause).__name__})"
    if isinstance(cause, OSError):
        return cause.strerror or type(cause).__name__
    return f"the exchange failed ({type(cause).__name__})"
