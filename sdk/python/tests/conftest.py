from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from kit import HttpServer, RedisServer

# Timers of a cache outlive its test, and what they log would end up between the results.
logging.getLogger("oathmesh").addHandler(logging.NullHandler())


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[RedisServer]:
    """One server per module, for tests that do not stop it."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()
