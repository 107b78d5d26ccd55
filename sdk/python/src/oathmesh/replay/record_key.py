"""Where a use is recorded. Spec 7.2; the same keys as the gateway's."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from ..token.base64url import encode_base64url
from ..token.text import utf8, utf16_length
from .replay_store import TokenUse

_RECORDS = "oathmesh:replay:"
_EPOCH = "epoch"
# Shards of a Cluster's records: enough to spread evenly over tens of masters.
_SHARDS = 256

#: ``hashed`` bounds the length and keeps issuers apart; ``jti`` shares records with other
#: receivers.
KEY_FORMATS = ("hashed", "jti")


class RecordKeys(NamedTuple):
    """Where a use is recorded, and where the beginning of the history it belongs to stands."""

    record: str
    epoch: str


def record_keys(use: TokenUse, key_format: str) -> RecordKeys:
    """Keys of a use where all keys live on one server."""
    # An issuer must not be able to write over the epoch by the choice of an id.
    verbatim = key_format == "jti" and use.token_id != _EPOCH
    name = use.token_id if verbatim else encode_base64url(_digest_of(use))
    return RecordKeys(_RECORDS + name, _RECORDS + _EPOCH)


def sharded_keys(use: TokenUse) -> RecordKeys:
    """Keys of a use in a Cluster.

    The tag in braces keeps a record on the server of its epoch, so that whatever makes a server
    lose the one makes it lose the other.
    """
    digest = _digest_of(use)
    tag = f"{{{digest[0] % _SHARDS:02x}}}"
    return RecordKeys(f"{_RECORDS}{tag}:{encode_base64url(digest)}", f"{_RECORDS}{_EPOCH}:{tag}")


def local_key(use: TokenUse) -> str:
    """A name within one process, never longer than an id commonly is."""
    if utf16_length(use.token_id) <= 64:
        return f"{use.issuer}\0{use.token_id}"
    digest = hashlib.sha256(utf8(use.token_id)).digest()
    return f"{use.issuer}\0sha256\0{encode_base64url(digest)}"


def _digest_of(use: TokenUse) -> bytes:
    return hashlib.sha256(utf8(f"{use.issuer}\0{use.token_id}")).digest()
