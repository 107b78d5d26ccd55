"""Rules as they are written, and the conditions in them. Spec 9.1, 9.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional

from ..closed import Closed
from ..token.claims import Claims
from .glob import compile_glob
from .policy import PolicyDecision

#: The rule that decides when no other does. It stands last, denies, and may be left out.
DEFAULT_RULE = "default"

Condition = Callable[[Claims], bool]
_Reader = Callable[[Claims], Optional[str]]

_TEXTS: tuple[tuple[str, int, _Reader], ...] = (
    ("sub", 512, lambda claims: claims.sub),
    ("act", 512, lambda claims: claims.act),
    ("env", 128, lambda claims: claims.env),
    ("tenant", 128, lambda claims: claims.tenant),
    ("iss", 1024, lambda claims: claims.iss),
    ("aud", 1024, lambda claims: claims.aud),
)
_SOURCE: tuple[tuple[str, int, _Reader], ...] = (
    ("type", 512, lambda claims: claims.src.type if claims.src else None),
    ("repo", 512, lambda claims: claims.src.repo if claims.src else None),
    ("workflow", 512, lambda claims: claims.src.workflow if claims.src else None),
)


@dataclass(frozen=True)
class CompiledRule:
    """A rule ready to be asked. Without conditions it matches every call."""

    decision: PolicyDecision
    conditions: tuple[Condition, ...]

    def matches(self, claims: Claims) -> bool:
        """Whether all conditions hold."""
        return all(holds(claims) for holds in self.conditions)


def compile_rule(rule: Closed, path: str, *, last: bool, other_name: bool = False) -> CompiledRule:
    """Compiles the rule that stands at ``path``.

    ``other_name`` accepts ``ruleName`` for ``name`` and ``denyReason``, as documents may write
    them. Raises ``TypeError`` that begins with the path of the fault: an unknown member, an allow
    rule without a match, ``default`` anywhere but last or other than a plain deny.
    """
    name = _name_of(rule, path, other_name)
    allow = rule.value("allow")
    if not isinstance(allow, bool):
        raise TypeError(f"{path}.allow: must be true or false")
    match = rule.object("match")
    rule.done()
    conditions = () if match is None else _conditions_of(match)
    if name == DEFAULT_RULE:
        _check_default(path, allow, last, bool(conditions))
    if allow and not conditions:
        raise TypeError(f"{path}.match: a rule that allows must say what it matches")
    return CompiledRule(PolicyDecision(allow, name), conditions)


def _name_of(rule: Closed, path: str, other_name: bool) -> str:
    if not other_name:
        return rule.required_text("name", 128)
    rule.text("denyReason")
    names = [name for name in (rule.text("name", 128), rule.text("ruleName", 128)) if name]
    if len(names) != 1:
        raise TypeError(f'{path}: needs either "name" or "ruleName"')
    return names[0]


def _check_default(path: str, allow: bool, last: bool, has_match: bool) -> None:
    if not last:
        raise TypeError(f'{path}: the rule "default" must be the last one')
    if allow:
        raise TypeError(f'{path}.allow: the rule "default" must deny')
    if has_match:
        raise TypeError(f'{path}.match: the rule "default" matches every call and takes no match')


def _conditions_of(match: Closed) -> tuple[Condition, ...]:
    conditions = [*_texts_of(match, _TEXTS)]
    source = match.object("src")
    if source is not None:
        conditions += _texts_of(source, _SOURCE)
        source.done()
    scope = match.texts("scope", 64, 256)
    if scope is not None:
        conditions.append(_has_scopes(scope))
    match.done()
    return tuple(conditions)


def _texts_of(match: Closed, readers: Sequence[tuple[str, int, _Reader]]) -> list[Condition]:
    found = ((match.text(name, longest), read) for name, longest, read in readers)
    return [_fits(pattern, read) for pattern, read in found if pattern is not None]


def _fits(pattern: str, read: _Reader) -> Condition:
    matches = compile_glob(pattern)

    def holds(claims: Claims) -> bool:
        # A claim that the token lacks satisfies no condition, * included.
        text = read(claims)
        return text is not None and matches(text)

    return holds


def _has_scopes(wanted: tuple[str, ...]) -> Condition:
    def holds(claims: Claims) -> bool:
        scope = claims.scope or ()
        return all(name in scope for name in wanted)

    return holds
