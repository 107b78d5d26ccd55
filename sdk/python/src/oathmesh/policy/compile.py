"""A policy of rules in order. Spec 9.3."""

from __future__ import annotations

from collections.abc import Sequence

from ..closed import Closed
from ..token.claims import Claims
from .policy import Policy, PolicyDecision
from .rule import DEFAULT_RULE, CompiledRule, compile_rule

DENY_BY_DEFAULT = PolicyDecision(allow=False, rule=DEFAULT_RULE)
_MOST_RULES = 10_000


class RulePolicy:
    """The first rule that matches decides, and none denies by ``default``."""

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self._rules = tuple(rules)

    def decide(self, claims: Claims) -> PolicyDecision:
        """Whether these claims may pass."""
        for rule in self._rules:
            if rule.matches(claims):
                return rule.decision
        return DENY_BY_DEFAULT


def compile_rules(rules: object, path: str = "policy.rules") -> Policy:
    """Makes a policy of rules in order, in their JSON form: a list of ``{name, match, allow}``.

    ``path`` is where the rules stand in the configuration. Raises ``TypeError`` that begins with
    the path of the fault: a name used twice, an unknown member, an allow rule without a match,
    ``default`` anywhere but last or other than a plain deny.
    """
    entries = Closed({path: rules}).objects(path, _MOST_RULES)
    return RulePolicy(compile_each_rule(entries, path))


def compile_each_rule(
    entries: object, path: str, *, other_name: bool = False
) -> list[CompiledRule]:
    """Compiles rules one by one; a name stands once."""
    if not isinstance(entries, list) or not entries:
        raise TypeError(f"{path}: needs at least one rule")
    seen: dict[str, int] = {}
    compiled = []
    for at, entry in enumerate(entries):
        where = f"{path}[{at}]"
        last = at == len(entries) - 1
        rule = compile_rule(entry, where, last=last, other_name=other_name)
        name = rule.decision.rule or ""
        if name in seen:
            raise TypeError(f"{where}.name: already names {path}[{seen[name]}]")
        seen[name] = at
        compiled.append(rule)
    return compiled
