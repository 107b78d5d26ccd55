"""The vectors of signatures: reading them, and what this implementation makes of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vectors import FOLDER

from oathmesh.keys.ed25519 import verify_ed25519
from oathmesh.keys.jwk_set import read_jwk_set
from oathmesh.token.base64url import encode_base64url

_MEMBERS = {
    "ed25519.json": {
        "name", "comment", "flags", "key", "message", "signature", "result", "jose",
    },
    "ed25519-rfc8032.json": {"name", "seed", "key", "message", "signature"},
}  # fmt: skip
_KID = "vector"


@dataclass(frozen=True)
class Signature:
    """One case of ``ed25519*.json``; ``result`` is ``valid``, ``invalid`` or ``key_refused``."""

    file: str
    name: str
    key: bytes
    message: bytes
    signature: bytes
    result: str


def read_signatures(folder: Path = FOLDER) -> Iterator[Signature]:
    """Every signature. A file or member that is not known stops the run: a typo must not pass."""
    for path in sorted(folder.glob("ed25519*.json")):
        members = _MEMBERS.get(path.name)
        if members is None:
            raise TypeError(f"{path.name}: is no file of signatures that is known")
        for row in json.loads(path.read_text("utf-8"))["cases"]:
            unknown = set(row) - members
            if unknown:
                where = f"{path.name}: {row.get('name')}"
                raise TypeError(f"{where}: unknown member {', '.join(sorted(unknown))}")
            yield _signature_of(path.name, row)


def _signature_of(file: str, row: dict[str, str]) -> Signature:
    message = row["message"]
    return Signature(
        file,
        row["name"],
        bytes.fromhex(row["key"]),
        message.encode() if file == "ed25519.json" else bytes.fromhex(message),
        bytes.fromhex(row["signature"]),
        # RFC 8032 has good ones only.
        row["result"] if file == "ed25519.json" else "valid",
    )


def judge(one: Signature) -> str:
    """What becomes of it, reading the key included."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": _KID, "x": encode_base64url(one.key)}
    key = read_jwk_set({"keys": [jwk]}).keys.get(_KID)
    if key is None:
        return "key_refused"
    return "valid" if verify_ed25519(one.message, one.signature, key.key) else "invalid"
