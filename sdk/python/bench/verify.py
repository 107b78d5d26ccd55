"""What a verification costs: ``python bench/verify.py [CALLS] [REDIS_URL]``.

Prints microseconds per call, in one thread, with tokens minted beforehand.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
import uuid
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oathmesh import Call, SigningKey, Verifier, mint, open_verifier, public_jwk
from oathmesh.keys.ed25519 import verify_ed25519
from oathmesh.redis import RedisReplay
from oathmesh.replay.memory_store import MemoryReplayStore
from oathmesh.replay.replay_store import ReplayStore

KEY = SigningKey("bench", Ed25519PrivateKey.generate())
AUDIENCE = "https://inventory.internal"
ISSUER = "https://issuer.example.test"


def verifier_with(replay: ReplayStore) -> Verifier:
    config = {
        "audience": AUDIENCE,
        "issuers": [{"issuer": ISSUER, "jwks": {"keys": [public_jwk(KEY)]}}],
        "policy": {
            "rules": [
                *(
                    {"name": f"other-{at}", "match": {"sub": f"agent://team-{at}/*"}, "allow": True}
                    for at in range(9)
                ),
                {"name": "all", "match": {"sub": "svc://*"}, "allow": True},
            ]
        },
    }
    return open_verifier(config, replay=replay)


def calls(count: int) -> list[Call]:
    iat = int(time.time()) + 5
    claims = {"iss": ISSUER, "sub": "svc://bench", "aud": AUDIENCE, "act": "a", "iat": iat}
    return [
        Call((f"OathMesh {mint({**claims, 'exp': iat + 120, 'jti': str(uuid.uuid4())}, KEY)}",))
        for _ in range(count)
    ]


def measure(name: str, run: Callable[[Call], bool], tokens: list[Call]) -> None:
    spent = []
    for call in tokens:
        begun = time.perf_counter()
        passed = run(call)
        spent.append((time.perf_counter() - begun) * 1e6)
        if not passed:
            raise SystemExit(f"{name}: a call was refused")
    cuts = statistics.quantiles(spent, n=100)
    print(f"{name:<28} p50 {cuts[49]:7.0f} us   p99 {cuts[98]:7.0f} us   n {len(spent)}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    message = b"x" * 400
    signature, public = KEY.private_key.sign(message), KEY.private_key.public_key()
    measure(
        "Ed25519 alone",
        lambda _call: verify_ed25519(message, signature, public),
        [Call()] * count,
    )
    memory = verifier_with(MemoryReplayStore(count * 2))
    measure("verify, memory", lambda call: memory.verify(call).caller is not None, calls(count))
    loop = asyncio.new_event_loop()
    measure(
        "verify_async, memory",
        lambda call: loop.run_until_complete(memory.verify_async(call)).caller is not None,
        calls(count),
    )
    if len(sys.argv) > 2:
        redis = RedisReplay(sys.argv[2])
        redis.open()
        shared = verifier_with(redis.store())
        measure("verify, redis", lambda call: shared.verify(call).caller is not None, calls(count))
        measure(
            "verify_async, redis",
            lambda call: loop.run_until_complete(shared.verify_async(call)).caller is not None,
            calls(count),
        )
        redis.close()
    loop.close()


if __name__ == "__main__":
    main()
