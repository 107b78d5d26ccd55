"""JSON nested deeper than Python's own parser goes: one pass, no recursion."""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Callable, NoReturn

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = (("null", None), ("true", True), ("false", False))

Pairs = list[tuple[str, object]]


class _Frame:
    """An array or object that is still open."""

    def __init__(self, is_object: bool) -> None:
        self.is_object = is_object
        self.pairs: Pairs = []
        self.name = ""

    def add(self, value: object) -> None:
        self.pairs.append((self.name, value))


class _DeepReader:
    def __init__(
        self,
        text: str,
        whole_number: Callable[[str], int | float],
        make_object: Callable[[Pairs], object],
        refuse: Callable[[str], NoReturn],
    ) -> None:
        self._text = text
        self._at = 0
        self._whole_number = whole_number
        self._make_object = make_object
        self._refuse = refuse

    def read(self) -> object:
        open_frames: list[_Frame] = []
        while True:
            value, opened = self._value_or_frame()
            if opened is not None:
                open_frames.append(opened)
                if not self._skip("}" if opened.is_object else "]"):
                    self._name(opened)
                    continue
                value = self._closed(open_frames.pop())
            while open_frames:
                frame = open_frames[-1]
                frame.add(value)
                if self._skip(","):
                    self._name(frame)
                    break
                self._expect("}" if frame.is_object else "]")
                value = self._closed(open_frames.pop())
            else:
                self._space()
                if self._at != len(self._text):
                    self._refuse("")
                return value

    def _value_or_frame(self) -> tuple[object, _Frame | None]:
        if self._skip("{"):
            return None, _Frame(is_object=True)
        if self._skip("["):
            return None, _Frame(is_object=False)
        return self._scalar(), None

    def _closed(self, frame: _Frame) -> object:
        if frame.is_object:
            return self._make_object(frame.pairs)
        return [value for _, value in frame.pairs]

    def _name(self, frame: _Frame) -> None:
        if not frame.is_object:
            return
        self._expect('"')
        frame.name = self._string()
        self._expect(":")

    def _scalar(self) -> object:
        if self._skip('"'):
            return self._string()
        for word, value in _WORDS:
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            self._refuse("")
        self._at = match.end()
        whole, fraction, exponent = match.groups()
        if fraction is None and exponent is None:
            return self._whole_number(whole)
        return float(match.group())

    def _string(self) -> str:
        try:
            text, self._at = scanstring(self._text, self._at, True)
        except ValueError:
            self._refuse("")
        return str(text)

    def _space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _skip(self, char: str) -> bool:
        self._space()
        if not self._text.startswith(char, self._at):
            return False
        self._at += 1
        return True

    def _expect(self, char: str) -> None:
        if not self._skip(char):
            self._refuse("")


def parse_deep_json(
    text: str,
    whole_number: Callable[[str], int | float],
    make_object: Callable[[Pairs], object],
    refuse: Callable[[str], NoReturn],
) -> object:
    """Parses what ``json`` gives up on because of its depth; the three functions are its hooks."""
    return _DeepReader(text, whole_number, make_object, refuse).read()
