"""Replay records in Redis, shared with gateways and other services; needs ``oathmesh[redis]``."""

from .replay.redis_replay import RedisReplay
from .replay.redis_settings import RedisSettings

__all__ = ["RedisReplay", "RedisSettings"]
