"""What a token must declare for the request it is sent with. Design 4."""

from __future__ import annotations

from ..call import RequestLine
from ..closed import Closed
from ..token.claims import Claims
from .glob import compile_glob
from .route_table import Demand, RouteTable

_MOST_ROUTES = 1000


class Requirements:
    """Compiled requirements.

    Where there are routes, a request that none of them lists needs ``action``, and without
    ``action`` is refused; so is one whose path is ambiguous (``path_segments``), whatever
    ``action`` says.
    """

    def __init__(
        self, common: tuple[str, ...], table: RouteTable | None, otherwise: Demand | None
    ) -> None:
        self._common = common
        self._table = table
        self._every_request = [] if otherwise is None else [otherwise]

    def fault(self, claims: Claims, line: RequestLine) -> str | None:
        """The reason for a refusal, ``action_mismatch`` or ``scope_missing``, or ``None``."""
        demands = self._every_request if self._table is None else self._table.demands(line)
        if demands is None or not all(demand.fits(claims.act) for demand in demands):
            return "action_mismatch"
        scope = claims.scope or ()
        wanted = [*self._common, *(name for demand in demands for name in demand.scopes)]
        return None if all(name in scope for name in wanted) else "scope_missing"


def compile_requirements(value: object, path: str = "require") -> Requirements:
    """Compiles what requests require, in its JSON form: ``{action, scopes, routes}``.

    ``action`` is a glob that ``act`` must match; with ``routes``, of requests that no route lists.
    Each route is ``{method, path, action, scopes}``. ``None`` requires nothing. Raises
    ``TypeError`` that begins with the path of the fault.
    """
    settings = Closed({} if value is None else value, path)
    action = settings.text("action", 512)
    common = settings.texts("scopes", 64, 256) or ()
    entries = settings.objects("routes", _MOST_ROUTES)
    settings.done()
    otherwise = None if action is None else Demand(compile_glob(action))
    table = None if entries is None else RouteTable(entries, otherwise, f"{path}.routes")
    return Requirements(common, table, otherwise)
