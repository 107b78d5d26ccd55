"""Reading configuration: a closed shape, faults that begin with the path of the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Closed:
    """One object of a configuration. Whoever has read all it knows calls ``done``.

    Every reader raises ``TypeError`` that names the field and no value.
    """

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise TypeError(f"{path or 'configuration'}: must be an object")
        self._value: Mapping[str, object] = value
        self._path = path
        self._known: set[str] = set()

    def path(self, name: str) -> str:
        """The path of a member."""
        return f"{self._path}.{name}" if self._path else name

    def value(self, name: str) -> object | None:
        """A member of any type; unset and null are the same."""
        self._known.add(name)
        return self._value.get(name)

    def text(self, name: str, longest: int = 1024) -> str | None:
        """A text of 1 to ``longest`` characters."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise TypeError(f"{self.path(name)}: must be a string of 1 to {longest} characters")
        return value

    def required_text(self, name: str, longest: int = 1024) -> str:
        """A text that must be there."""
        value = self.text(name, longest)
        if value is None:
            raise TypeError(f"{self.path(name)}: is missing")
        return value

    def choice(self, name: str, choices: Iterable[str], default: str) -> str:
        """One of some words."""
        value = self.value(name)
        words = tuple(choices)
        if value is None:
            return default
        if not isinstance(value, str) or value not in words:
            raise TypeError(f"{self.path(name)}: must be one of {', '.join(words)}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise TypeError(f"{self.path(name)}: must be true or false")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.value(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise TypeError(f"{self.path(name)}: must be a whole number from {least} to {most}")
        return value

    def texts(self, name: str, most: int, longest: int = 512) -> tuple[str, ...] | None:
        """A list of 1 to ``most`` texts."""
        value = self.value(name)
        if value is None:
            return None
        fits = isinstance(value, (list, tuple)) and 0 < len(value) <= most
        if not fits or not isinstance(value, (list, tuple)):
            raise TypeError(f"{self.path(name)}: must be a list of 1 to {most} strings")
        for at, item in enumerate(value):
            if not isinstance(item, str) or not 0 < len(item) <= longest:
                raise TypeError(
                    f"{self.path(name)}[{at}]: must be a string of 1 to {longest} characters"
                )
        return tuple(value)

    def objects(self, name: str, most: int) -> list[Closed] | None:
        """A list of 1 to ``most`` objects."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not 0 < len(value) <= most:
            raise TypeError(f"{self.path(name)}: must be a list of 1 to {most} entries")
        return [Closed(item, f"{self.path(name)}[{at}]") for at, item in enumerate(value)]

    def object(self, name: str) -> Closed | None:
        """An object within this one."""
        value = self.value(name)
        return None if value is None else Closed(value, self.path(name))

    def done(self) -> None:
        """Refuses members that nobody has asked for: a misspelt one must not be passed over."""
        for name in self._value:
            if name not in self._known:
                raise TypeError(f"{self.path(name)}: unknown member")
