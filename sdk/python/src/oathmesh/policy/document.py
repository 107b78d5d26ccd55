"""A policy that is a file of its own. Spec 9.1."""

from __future__ import annotations

import os

from ..closed import Closed
from ..token.claims import Claims
from ..token.strict_json import parse_strict_json
from .compile import DENY_BY_DEFAULT, RulePolicy, compile_each_rule
from .policy import PolicyDecision
from .rule import DEFAULT_RULE, CompiledRule

# Far more than ten thousand rules need.
_MAX_FILE_BYTES = 8 << 20
_MOST_NAMES = 64
_MOST_RULES = 10_000


class DocumentPolicy:
    """Denies by ``default`` what the document was not written for."""

    def __init__(
        self, issuers: tuple[str, ...], audiences: tuple[str, ...], rules: list[CompiledRule]
    ) -> None:
        #: The issuers and audiences it is written for.
        self.issuers = frozenset(issuers)
        self.audiences = frozenset(audiences)
        self._rules = RulePolicy(rules)

    def decide(self, claims: Claims) -> PolicyDecision:
        """Whether these claims may pass."""
        if claims.iss not in self.issuers or claims.aud not in self.audiences:
            return DENY_BY_DEFAULT
        return self._rules.decide(claims)


def compile_document(value: object) -> DocumentPolicy:
    """Makes a policy of a parsed document: ``{version, issuers, audiences, rules}``.

    Raises ``TypeError`` that begins with the path of the fault, among them a list of rules that
    does not end in ``default``.
    """
    document = Closed(value)
    version = document.value("version")
    if isinstance(version, bool) or version != 1:
        raise TypeError("version: must be 1")
    issuers = document.texts("issuers", _MOST_NAMES, 1024)
    audiences = document.texts("audiences", _MOST_NAMES, 1024)
    rules = compile_each_rule(document.objects("rules", _MOST_RULES), "rules", other_name=True)
    document.done()
    if issuers is None or audiences is None:
        raise TypeError(f"{'audiences' if issuers else 'issuers'}: is missing")
    if rules[-1].decision.rule != DEFAULT_RULE:
        last = len(rules) - 1
        raise TypeError(f'rules[{last}]: the last rule must be named "default" and deny')
    return DocumentPolicy(issuers, audiences, rules)


def load_policy(path: str | os.PathLike[str]) -> DocumentPolicy:
    """Reads a policy document from a JSON file, once.

    Raises ``TypeError`` for what its author can mend, ``OSError`` for a file that cannot be read.
    """
    with open(path, "rb") as file:
        text = file.read(_MAX_FILE_BYTES + 1)
    if len(text) > _MAX_FILE_BYTES:
        raise TypeError(f"policy: larger than {_MAX_FILE_BYTES >> 20} MiB")
    try:
        value = parse_strict_json(text)
    except ValueError as fault:
        raise TypeError(f"policy: {fault}") from None
    return compile_document(value)
