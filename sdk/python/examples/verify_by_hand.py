"""Verifying where there is no middleware: a queue, a socket, another framework."""

from __future__ import annotations

import os

from oathmesh import Call, open_verifier

verifier = open_verifier(
    {
        "audience": "https://inventory.internal",
        "issuers": [os.environ["OATHMESH_ISSUER"]],
        "keys": {"allow_http": os.environ["OATHMESH_ISSUER"].startswith("http://127.0.0.1")},
        "policy": {"allow_all": True},
    }
)
decision = verifier.verify(Call(authorization=(os.environ["AUTHORIZATION"],)))
if decision.denial is not None:
    denial = decision.denial
    print(f"refused at step {denial.step}: {denial.code}. {denial.fix}")
elif decision.caller is not None:
    print(f"{decision.caller.claims.sub} may {decision.caller.claims.act}")
