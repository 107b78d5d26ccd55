"""What a verifier checks against, read and compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable

from ..binding.request_hash import BINDING_MODES
from ..closed import Closed
from ..keys.key_settings import KeySettings, TrustedIssuer
from ..policy.compile import compile_rules
from ..policy.glob import compile_glob
from ..policy.policy import ALLOW_ALL, Policy
from ..policy.policy_file import PolicyFile
from ..policy.requirements import Requirements, compile_requirements

_MOST_ISSUERS = 32


@dataclass(frozen=True)
class BindingSettings:
    """Request binding (``rqh``). Spec 6."""

    #: ``off``, ``body``, ``method_path_body`` or ``strict``.
    mode: str = "off"
    #: Which requests must carry ``rqh``: ``none``, ``unsafe`` or ``all``.
    required: str = "none"
    max_body_bytes: int = 1_048_576
    #: Let a token with ``rqh`` pass unchecked while the mode is ``off``.
    ignore_when_off: bool = False


@dataclass(frozen=True)
class Settings:
    """Made by ``read_settings``."""

    #: The one accepted ``aud``.
    audience: str
    issuers: tuple[TrustedIssuer, ...]
    #: Whether an issuer may speak for a subject, by issuer.
    speaks_for: Mapping[str, Callable[[str], bool]]
    accept_bearer: bool
    #: Seconds of clock skew granted, 0-60.
    leeway: int
    #: Ceiling on ``exp - iat`` in seconds, 1-300.
    max_lifetime: int
    max_token_bytes: int
    #: Seconds for one whole verification, waiting included.
    deadline: float
    binding: BindingSettings
    requirements: Requirements
    policy: Policy
    keys: KeySettings
    #: Keeps what has been seen under it apart from other verifiers of the process.
    entity: str = ""

    @property
    def realm(self) -> str:
        """Under which name the known-good window keeps tokens."""
        return f"{self.audience}\n{self.entity}"


def read_settings(config: Mapping[str, object]) -> Settings:
    """Reads a configuration in the words of the gateway's.

    ``audience``, ``issuers`` and ``policy`` are needed; ``policy`` may also be a ``Policy``, and
    each issuer a ``TrustedIssuer`` or its URL alone. Unset and ``None`` are the same. Raises
    ``TypeError`` that names the field, and no value, for anything out of bounds or unknown.
    """
    source = Closed(config)
    issuers = _issuers_of(source)
    settings = Settings(
        audience=source.required_text("audience"),
        issuers=issuers,
        speaks_for={trusted.issuer: _subjects_of(trusted) for trusted in issuers},
        accept_bearer=source.flag("accept_bearer"),
        leeway=source.whole("clock_skew_leeway", 30, 0, 60),
        max_lifetime=source.whole("max_token_lifetime", 300, 1, 300),
        max_token_bytes=source.whole("max_token_bytes", 8192, 256, 65536),
        deadline=source.whole("deadline_ms", 1000, 10, 30_000) / 1000,
        binding=_binding_of(source),
        requirements=compile_requirements(source.value("require")),
        policy=_policy_of(source),
        keys=_keys_of(source),
        entity=source.text("entity") or "",
    )
    source.done()
    return settings


def _issuers_of(source: Closed) -> tuple[TrustedIssuer, ...]:
    entries = source.value("issuers")
    if not isinstance(entries, (list, tuple)) or not 0 < len(entries) <= _MOST_ISSUERS:
        raise TypeError(f"issuers: must be a list of 1 to {_MOST_ISSUERS} issuers")
    return tuple(_issuer_of(entry, f"issuers[{at}]") for at, entry in enumerate(entries))


def _issuer_of(entry: object, path: str) -> TrustedIssuer:
    if isinstance(entry, TrustedIssuer):
        return entry
    source = Closed({"issuer": entry} if isinstance(entry, str) else entry, path)
    trusted = TrustedIssuer(
        issuer=source.required_text("issuer"),
        jwks_uri=source.text("jwks_uri", 2048),
        jwks=source.value("jwks"),
        subjects=source.texts("subjects", 256),
    )
    source.done()
    return trusted


def _subjects_of(trusted: TrustedIssuer) -> Callable[[str], bool]:
    if trusted.subjects is None:
        return lambda _subject: True
    globs = [compile_glob(pattern) for pattern in trusted.subjects]
    return lambda subject: any(fits(subject) for fits in globs)


def _binding_of(source: Closed) -> BindingSettings:
    value = source.value("request_binding")
    if isinstance(value, BindingSettings):
        return value
    binding = Closed({} if value is None else value, "request_binding")
    settings = BindingSettings(
        mode=binding.choice("mode", BINDING_MODES, "off"),
        required=binding.choice("required", ("none", "unsafe", "all"), "none"),
        max_body_bytes=binding.whole("max_body_bytes", 1_048_576, 1, 16_777_216),
        ignore_when_off=binding.flag("ignore_when_off"),
    )
    binding.done()
    if settings.mode == "off" and settings.required != "none":
        raise TypeError("request_binding.required: needs a mode")
    return settings


def _policy_of(source: Closed) -> Policy:
    value = source.value("policy")
    if value is None:
        raise TypeError("policy: is missing; give rules, a file, or allow_all")
    decide = getattr(value, "decide", None)
    if callable(decide):
        policy: Policy = value  # type: ignore[assignment]
        return policy
    policy_source = Closed(value, "policy")
    rules = policy_source.value("rules")
    file = policy_source.text("file", 4096)
    allow_all = policy_source.flag("allow_all")
    policy_source.done()
    if [rules is not None, file is not None, allow_all].count(True) != 1:
        raise TypeError("policy: give exactly one of rules, file and allow_all")
    if rules is not None:
        return compile_rules(rules)
    return ALLOW_ALL if file is None else PolicyFile(file)


def _keys_of(source: Closed) -> KeySettings:
    value = source.value("keys")
    if value is None or isinstance(value, KeySettings):
        return value or KeySettings()
    keys = Closed(value, "keys")
    names: dict[str, int | bool | str | None] = {}
    for name, default, least, most in _KEY_BOUNDS:
        names[name] = keys.whole(name, default, least, most)
    names["allow_http"] = keys.flag("allow_http")
    names["ca_file"] = keys.text("ca_file", 4096)
    keys.done()
    return KeySettings(**names)  # type: ignore[arg-type]


_KEY_BOUNDS = (
    ("ttl", 60, 1, 86_400),
    ("stale_if_error", 600, 0, 86_400),
    ("refresh_cooldown", 30, 1, 3600),
    ("timeout_ms", 5000, 50, 30_000),
)
