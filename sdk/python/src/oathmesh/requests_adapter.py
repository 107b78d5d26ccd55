"""Tokens for requests that also hear of broken connections and redirects.

``session.mount("https://api.example.com/", OathMeshAdapter(client, "https://api.example.com"))``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from .client.client import Client
from .requests_auth import authorize, goes_again, retries_of

_PORTS = {"http": 80, "https": 443}


class OathMeshAdapter(HTTPAdapter):
    """A fresh token for every request to one origin, and again where ``Retries`` says so.

    As ``OathMeshAuth``, and also once more when the connection broke and the method is idempotent.
    A redirect within the origin gets a fresh token. Nobody else gets one, wherever the adapter is
    mounted. ``options`` are those of ``HTTPAdapter`` without ``max_retries``, which sends a token
    twice. Raises ``TypeError`` that names the argument at fault.
    """

    def __init__(self, client: Client, origin: str, **options: Any) -> None:
        if "max_retries" in options:
            raise TypeError("max_retries: sends the same token twice; see retries of create_client")
        if _origin_of(origin) is None:
            raise TypeError("origin: must be a URL like https://api.example.com")
        self._client = client
        self._origin = _origin_of(origin)
        super().__init__(**options)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        """One request, with its repetitions."""
        if _origin_of(request.url or "") != self._origin:
            return super().send(request, *args, **options)
        retries = retries_of(self._client, request)
        while True:
            # The token stays out of the request that redirects and errors are made of.
            sent = request.copy()
            authorize(self._client, sent)
            try:
                response = super().send(sent, *args, **options)
            except requests.RequestException as lost:
                lost.request = request
                if not retries.after_lost_answer():
                    raise
                continue
            response.request = request
            if not goes_again(self._client, retries, response):
                return response


def _origin_of(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.hostname is None or port is None:
        return None
    return parts.scheme, parts.hostname, port
