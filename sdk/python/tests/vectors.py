"""The verification vectors as tests: reading, cooking tokens, making calls."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oathmesh import Call, Decision, MemoryReplayStore, RequestLine, Verifier, read_settings
from oathmesh.call import Body, OverLimit
from oathmesh.keys.key_cache import KeyCache, KeyPorts
from oathmesh.replay.replay_store import PendingClaim, ReplayStore, TokenUse, UseOutcome
from oathmesh.token.base64url import encode_base64url
from oathmesh.token.signing_key import SigningKey, public_jwk
from oathmesh.verify.attempt import VerifierPorts

FOLDER = Path(__file__).resolve().parents[3] / "test" / "vectors"

#: Where every vector's clock stands unless it says otherwise: Unix seconds.
VECTOR_NOW = 1_774_911_060
#: From when on the process under test has been running.
VECTOR_START = 1_774_900_000


def _seed(kid: str, seed: str) -> SigningKey:
    return SigningKey(kid, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))


#: Published keys: RFC 8032, 7.1, TEST 1 to 3. Nobody may trust them outside tests.
KEYS = {
    "trusted": _seed(
        "issuer-key-2026-04-a3f1",
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    ),
    "second": _seed(
        "second-key", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    ),
    "stranger": _seed(
        "issuer-key-2026-04-a3f1",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    ),
}

BASE_CONFIG: dict[str, object] = {
    "audience": "https://inventory.internal",
    "issuers": [
        {"issuer": "https://issuer.example.test", "jwks": {"keys": [public_jwk(KEYS["trusted"])]}},
        {"issuer": "https://second.example.test", "jwks": {"keys": [public_jwk(KEYS["second"])]}},
    ],
    "policy": {"allow_all": True},
}
_HEADER = {"typ": "om+jwt", "alg": "EdDSA", "kid": KEYS["trusted"].kid}
_CLAIMS = {
    "iss": "https://issuer.example.test",
    "sub": "agent://repo/acme/deploy-bot",
    "aud": "https://inventory.internal",
    "act": "inventory.write",
    "iat": 1_774_911_000,
    "nbf": 1_774_911_000,
    "exp": 1_774_911_120,
}

Recipe = Mapping[str, Any]

_FILE_MEMBERS = {"about", "isolated", "cases", "version"}
_CASE_MEMBERS = {
    "name", "now", "token", "authorization", "connection", "headers", "request", "settings",
    "uses", "before", "revoked", "expect",
}  # fmt: skip
_REQUEST_MEMBERS = {"method", "path", "body", "body_base64"}
_EXPECT_MEMBERS = {"code", "step", "reason", "status"}
_RECIPE_MEMBERS = {
    "header", "header_without", "header_text", "header_segment", "claims", "without",
    "payload_text", "payload_segment", "signature_segment", "signature_of", "key",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One row of a file, checked for members that nobody reads."""

    file: str
    row: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def expect(self) -> str | Mapping[str, Any]:
        expect: str | Mapping[str, Any] = self.row["expect"]
        return expect


def read_cases(folder: Path = FOLDER) -> Iterator[Case]:
    """Every verification vector. A member that is not known stops the run: a typo must not pass."""
    for path in sorted(folder.glob("*.json")):
        if path.name.startswith("ed25519"):
            continue
        content = json.loads(path.read_text("utf-8"))
        _known(content, _FILE_MEMBERS, path.name)
        if content.get("version", 1) != 1:
            raise TypeError(f"{path.name}: version {content['version']} is not known")
        for row in content["cases"]:
            _check(row, f"{path.name}: {row.get('name')}")
            yield Case(path.name, row)


def _check(row: Mapping[str, Any], where: str) -> None:
    _known(row, _CASE_MEMBERS, where)
    _known(row.get("request", {}), _REQUEST_MEMBERS, where)
    if row["expect"] != "allow":
        _known(row["expect"], _EXPECT_MEMBERS, where)
    token = row.get("token")
    for recipe in [*row.get("before", []), *([token] if isinstance(token, dict) else [])]:
        _check_recipe(recipe, where)


def _check_recipe(recipe: Recipe, where: str) -> None:
    _known(recipe, _RECIPE_MEMBERS, where)
    if "signature_of" in recipe:
        _check_recipe(recipe["signature_of"], where)


def _known(value: Mapping[str, Any], members: set[str], where: str) -> None:
    unknown = set(value) - members
    if unknown:
        raise TypeError(f"{where}: unknown member {', '.join(sorted(unknown))}")


def decide(case: Case) -> Decision:
    """What becomes of the call that the vector describes, after whatever came before it."""
    row = case.row
    verifier = verifier_for(row)
    token = row.get("token", {})
    text = token if isinstance(token, str) else cook(token, id_from(case.name))
    for recipe in row.get("before", []):
        verifier.verify(call_of(row, [f"OathMesh {cook(recipe, id_from('-'))}"]))
    values = authorization_of(row, text)
    for _ in range(row.get("uses", 0)):
        verifier.verify(call_of(row, values))
    return verifier.verify(call_of(row, values))


def outcome_of(decision: Decision) -> str | dict[str, Any]:
    """The verdict in the words of the vectors."""
    denial = decision.denial
    if denial is None:
        return "allow"
    return {"code": denial.code, **({} if denial.step is None else {"step": denial.step})}


def verifier_for(row: Mapping[str, Any]) -> Verifier:
    settings = read_settings({**BASE_CONFIG, **row.get("settings", {})})
    now = float(row.get("now", VECTOR_NOW))
    keys = KeyCache(settings.issuers, settings.keys, KeyPorts(clock=lambda: now))
    replay = _WithRevoked(row.get("revoked", []))
    return Verifier(settings, VerifierPorts(keys, replay), clock=lambda: now)


class _WithRevoked:
    """The memory store has no list of revoked subjects; this lends it one."""

    def __init__(self, revoked: Sequence[str]) -> None:
        self._memory: ReplayStore = MemoryReplayStore(100, started_at=VECTOR_START)
        self._revoked = revoked

    def claim(self, use: TokenUse, now: float) -> UseOutcome | PendingClaim:
        if use.subject in self._revoked:
            return UseOutcome.REVOKED
        return self._memory.claim(use, now)


def authorization_of(row: Mapping[str, Any], token: str) -> list[str]:
    authorization = row.get("authorization", "OathMesh {token}")
    if authorization is None:
        return []
    values = [authorization] if isinstance(authorization, str) else authorization
    return [value.replace("{token}", token) for value in values]


def call_of(row: Mapping[str, Any], authorization: Sequence[str]) -> Call:
    request = row.get("request", {"method": "GET", "path": "/"})
    raw_path, _, raw_query = request["path"].partition("?")
    if "body_base64" in request:
        body = base64.b64decode(request["body_base64"])
    else:
        body = request.get("body", "").encode()

    def read(max_bytes: int) -> Body:
        return OverLimit() if len(body) > max_bytes else body

    connection = row.get("connection")
    return Call(
        authorization=tuple(authorization),
        connection=() if connection is None else (connection,),
        line=RequestLine(request["method"], raw_path, raw_query),
        body=read,
    )


def cook(recipe: Recipe, jti: str) -> str:
    """The token of a recipe: what differs from the base token."""
    header = _segment(recipe, "header", {**_HEADER, **recipe.get("header", {})}, "header_without")
    claims = {**_CLAIMS, "jti": jti, **recipe.get("claims", {})}
    payload = _segment(recipe, "payload", claims, "without")
    return f"{header}.{payload}.{_signature(recipe, f'{header}.{payload}', jti)}"


def _segment(recipe: Recipe, part: str, members: Mapping[str, Any], without: str) -> str:
    if f"{part}_segment" in recipe:
        return str(recipe[f"{part}_segment"])
    text: str | None = recipe.get(f"{part}_text")
    if text is None:
        left = {k: v for k, v in members.items() if k not in recipe.get(without, [])}
        text = json.dumps(_as_written(left), separators=(",", ":"), ensure_ascii=False)
    return encode_base64url(text.encode())


def _as_written(value: Any) -> Any:
    """Numbers as JavaScript writes them: ``1.5e3`` in a recipe is ``1500`` in a token."""
    if isinstance(value, dict):
        return {name: _as_written(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e21
    return int(value) if whole else value


def _signature(recipe: Recipe, signing_input: str, jti: str) -> str:
    if "signature_segment" in recipe:
        return str(recipe["signature_segment"])
    if "signature_of" in recipe:
        return cook(recipe["signature_of"], jti).split(".")[2]
    key = KEYS[recipe.get("key", "trusted")].private_key
    return encode_base64url(key.sign(signing_input.encode()))


def id_from(name: str) -> str:
    """A UUID that belongs to a name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
