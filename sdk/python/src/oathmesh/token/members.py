"""Members of one JSON object, read by type. Spec 1.3."""

from __future__ import annotations

_MAX_SAFE_INTEGER = 2**53 - 1


class Members:
    """Reads members of one JSON object.

    ``null`` counts as absent, as does the empty string, so that "missing" means one thing
    everywhere. Each reader raises ``TypeError`` for another type.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise TypeError("not an object")
        self._object: dict[str, object] = value

    def has(self, name: str) -> bool:
        """Whether the member is there in any form."""
        return name in self._object

    def string(self, name: str) -> str | None:
        """A text that is not empty."""
        value = self._object.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise TypeError(f"{name} is not a string")
        return value

    def time(self, name: str) -> int | None:
        """Whole Unix seconds, written as a whole number; 0 counts as absent."""
        value = self._object.get(name)
        if value is None:
            return None
        # True is an int to Python, and 1.0 equals 1.
        if type(value) is not int or not 0 <= value <= _MAX_SAFE_INTEGER:
            raise TypeError(f"{name} is not a whole number of seconds")
        return value or None

    def strings(self, name: str) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self._object.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TypeError(f"{name} is not a list of strings")
        return tuple(value)

    def object(self, name: str) -> Members | None:
        """An object within this one."""
        value = self._object.get(name)
        return None if value is None else Members(value)
