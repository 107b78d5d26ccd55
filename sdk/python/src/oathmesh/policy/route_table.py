"""The routes that say what requests need. Design 4."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, NamedTuple

from ..call import RequestLine
from ..closed import Closed
from .glob import compile_glob
from .path_segments import path_segments
from .path_template import PathTemplate, ReadPath, compile_path_template

# RFC 9110, 5.6.2.
_METHOD = re.compile(r"\*|[A-Z0-9!#$%&'+.^_`|~-]+")


class Demand(NamedTuple):
    """What a token must declare: an action, and scopes besides those of every request."""

    fits: Callable[[str], bool]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Route:
    method: str
    template: PathTemplate
    demand: Demand


class RouteTable:
    """The route with the most specific path decides.

    Paths are compared segment by segment from the left: text before ``{name}`` before ``*``; of two
    with the same path, the one that names the method decides. A request has to satisfy everybody
    who may read it otherwise than we do: it needs what its path needs, what the path without a
    slash at its end needs, and what each more specific route needs that the path resembles.
    """

    def __init__(self, entries: list[Closed], otherwise: Demand | None, path: str) -> None:
        """``otherwise`` is for requests that no route lists; without it they are refused.

        Raises ``TypeError`` that begins with the path of the fault.
        """
        routes = _compile(entries, path)
        self._routes = sorted(routes, key=lambda route: (route.template.rank, route.method == "*"))
        self._otherwise = otherwise

    def demands(self, line: RequestLine) -> list[Demand] | None:
        """All that the request needs; ``None`` refuses it: ambiguous, or for nobody to call."""
        segments = path_segments(line.raw_path)
        if segments is None:
            return None
        found = self._demands_of(line.method, ReadPath(segments))
        if found is None or len(segments) == 1 or segments[-1] != "":
            return found
        slashless = self._demands_of(line.method, ReadPath(segments[:-1]))
        return None if slashless is None else [*found, *slashless]

    def _demands_of(self, method: str, path: ReadPath) -> list[Demand] | None:
        demands: dict[str, Demand] = {}
        rank: str | None = None
        for route in self._routes:
            template = route.template
            if rank is not None and template.rank > rank:
                break
            if route.method not in ("*", method):
                continue
            # The first of a shape names the method, or no other does.
            if template.shape in demands or not template.resembles(path):
                continue
            demands[template.shape] = route.demand
            if template.matches(path):
                rank = template.rank
        if rank is not None:
            return [*demands.values()]
        return self._unlisted(method, path, [*demands.values()])

    def _unlisted(self, method: str, path: ReadPath, alike: list[Demand]) -> list[Demand] | None:
        """Frameworks answer ``HEAD`` as ``GET``, unless it has been told apart."""
        if self._otherwise is None:
            return None
        as_get = (self._demands_of("GET", path) or []) if method == "HEAD" else []
        return [*alike, *as_get, self._otherwise]


def _compile(entries: list[Closed], path: str) -> list[_Route]:
    seen: dict[tuple[str, str], int] = {}
    routes = []
    for at, entry in enumerate(entries):
        route = _route_of(entry, f"{path}[{at}]")
        key = (route.method, route.template.shape)
        if key in seen:
            raise TypeError(f"{path}[{at}]: lists the same requests as {path}[{seen[key]}]")
        seen[key] = at
        routes.append(route)
    return routes


def _route_of(entry: Closed, path: str) -> _Route:
    method = entry.required_text("method", 64)
    if _METHOD.fullmatch(method) is None:
        raise TypeError(f'{path}.method: must be a method in capitals, or "*"')
    template = compile_path_template(entry.required_text("path", 2048), f"{path}.path")
    fits = compile_glob(entry.required_text("action", 512))
    scopes = entry.texts("scopes", 64, 256) or ()
    entry.done()
    return _Route(method, template, Demand(fits, scopes))
