"""A bounded map that forgets what was set longest ago."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedMap(Generic[K, V]):
    """At most ``most`` entries. Not thread-safe: whoever shares one brings the lock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        """Entries held."""
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value, or ``None``."""
        return self._entries.get(key)

    def set(self, key: K, value: V) -> None:
        """Sets a value, as the newest."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def delete(self, key: K) -> None:
        """Forgets a value, if it is there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
