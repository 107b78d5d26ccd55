"""Single-use Ed25519 machine tokens: mint one per call, verify them in fourteen steps.

Callers begin with ``create_client``, services with ``open_verifier``.
"""

from .binding.request_hash import request_hash
from .call import Call, RequestLine
from .caller import Caller
from .client.client import Client, create_client
from .client.github_actions import github_actions
from .client.mint_error import MintError
from .client.refused_error import RefusedError, WantedToken
from .denial import REFUSALS, Denial, Refusal
from .keys.key_settings import KeySettings, TrustedIssuer
from .policy import ALLOW_ALL, compile_document, compile_rules, load_policy
from .replay.memory_store import MemoryReplayStore
from .token.claims import Claims, Source
from .token.mint import mint
from .token.signing_key import SigningKey, public_jwk, read_signing_key
from .verify.settings import BindingSettings, Settings, read_settings
from .verify.verifier import Decision, Verifier, open_verifier

__all__ = [
    "ALLOW_ALL",
    "REFUSALS",
    "BindingSettings",
    "Call",
    "Caller",
    "Claims",
    "Client",
    "Decision",
    "Denial",
    "KeySettings",
    "MemoryReplayStore",
    "MintError",
    "Refusal",
    "RefusedError",
    "RequestLine",
    "Settings",
    "SigningKey",
    "Source",
    "TrustedIssuer",
    "Verifier",
    "WantedToken",
    "compile_document",
    "compile_rules",
    "create_client",
    "github_actions",
    "load_policy",
    "mint",
    "open_verifier",
    "public_jwk",
    "read_settings",
    "read_signing_key",
    "request_hash",
]
__version__ = "0.2.0"
