"""The value of ``rqh``. Spec 6.2."""

from __future__ import annotations

import hashlib

from ..call import RequestLine
from ..token.text import utf8

#: ``off`` binds nothing; ``strict`` is the one to choose.
BINDING_MODES = ("off", "body", "method_path_body", "strict")


def request_hash(mode: str, line: RequestLine | None, body: bytes) -> str:
    """The value ``rqh`` has for one request: ``sha256:`` and 64 lower-case hex digits.

    Callers and verifiers share this function. Raises ``TypeError`` for an unknown mode, and when
    the mode needs the request line and there is none.
    """
    if mode == "body":
        return f"sha256:{hashlib.sha256(body).hexdigest()}"
    if mode not in BINDING_MODES or mode == "off":
        raise TypeError("mode: must be body, method_path_body or strict")
    if line is None:
        raise TypeError(f"binding mode {mode} needs the request line")
    if mode == "method_path_body":
        digest = hashlib.sha256(utf8(line.method.upper() + line.raw_path))
        digest.update(body)
        return f"sha256:{digest.hexdigest()}"
    # Line feeds cannot occur in a request line, so no two requests share this text.
    parts = ("oathmesh-rqh-v1", *line, hashlib.sha256(body).hexdigest())
    return f"sha256:{hashlib.sha256(utf8(chr(10).join(parts))).hexdigest()}"
