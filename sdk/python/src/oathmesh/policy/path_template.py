"""A path with places to fill: ``/orders/{id}/items/*``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .path_segments import is_plain_segment
from .segment_likeness import fold_segment, is_like

_PARAMETER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_PLACE = re.compile(r"[{}*]")


class ReadPath:
    """A path taken apart."""

    def __init__(self, segments: tuple[str, ...]) -> None:
        #: Decoded. The last is empty where the path ends in a slash.
        self.segments = segments
        self.folded = tuple(map(fold_segment, segments))


@dataclass(frozen=True)
class PathTemplate:
    """A compiled template: text per segment, ``None`` for a parameter."""

    fixed: tuple[str | None, ...]
    #: The same, folded.
    wanted: tuple[str | None, ...]
    #: Whether ``*`` stands for all that follows.
    open: bool

    @property
    def shape(self) -> str:
        """The same for templates that match the same paths."""
        texts = ["{}" if text is None else text for text in self.fixed]
        return "/" + "/".join([*texts, "*"] if self.open else texts)

    @property
    def rank(self) -> str:
        """Sorts the more specific first: text before parameter before the end before ``*``."""
        letters = "".join("b" if text is None else "a" for text in self.fixed)
        return letters + ("d" if self.open else "c")

    def matches(self, path: ReadPath) -> bool:
        """Whether the decoded segments fit."""
        asked = path.segments
        if not self._fits_length(len(asked), len(self.fixed)):
            return False
        return all(
            part != "" if text is None else part == text for text, part in zip(self.fixed, asked)
        )

    def resembles(self, path: ReadPath) -> bool:
        """Whether a reader less exact than we are may take the path for one that matches."""
        wanted = self.wanted
        # A path without a slash at its end may be taken for a template that has one.
        if not self.open and path.segments[-1] != "" and wanted and wanted[-1] == "":
            wanted = wanted[:-1]
        if not self._fits_length(len(path.segments), len(wanted)):
            return False
        return all(
            part != "" if text is None else is_like(folded, text)
            for text, part, folded in zip(wanted, path.segments, path.folded)
        )

    def _fits_length(self, asked: int, fixed: int) -> bool:
        return asked > fixed if self.open else asked == fixed


def compile_path_template(template: str, path: str) -> PathTemplate:
    """Compiles a template.

    ``{name}`` stands for one segment that is not empty, ``*`` as the last segment for all that
    follows, at least one segment, which may be empty: ``/files/*`` matches ``/files/`` and
    ``/files/a/b``, not ``/files``. Other segments are compared decoded and heed case; a slash at
    the end counts. Raises ``TypeError`` that begins with ``path``, where the template stands.
    """
    segments = _segments_of(template, path)
    is_open = segments[-1] == "*"
    fixed = tuple(_read(part, path) for part in (segments[:-1] if is_open else segments))
    wanted = tuple(None if text is None else fold_segment(text) for text in fixed)
    return PathTemplate(fixed, wanted, is_open)


def _segments_of(template: str, path: str) -> list[str]:
    segments = template[1:].split("/")
    plain = all(map(is_plain_segment, segments[:-1]))
    plain = plain and (segments[-1] == "" or is_plain_segment(segments[-1]))
    if plain and template.startswith("/"):
        return segments
    raise TypeError(
        f'{path}: must be a decoded path that begins with "/", without any of % ; # ? \\ '
        "and without segments that are empty, only dots, or begin or end with a space"
    )


def _read(segment: str, path: str) -> str | None:
    if _PARAMETER.fullmatch(segment):
        return None
    if _PLACE.search(segment):
        raise TypeError(
            f'{path}: a segment must be text, "{{name}}" as a whole, or "*" as the last one'
        )
    return segment
