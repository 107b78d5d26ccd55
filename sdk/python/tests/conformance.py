"""Prints what this implementation makes of every vector: one line of JSON per case.

``python conformance.py [FOLDER]`` prints ``{"file", "name", "got"}``, where ``got`` is ``"allow"``
or ``{"code", "step"}``, and of a signature ``"valid"``, ``"invalid"`` or ``"key_refused"``. Ends
with status 1 when a vector has a member that is not known.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from signatures import judge, read_signatures
from vectors import FOLDER, decide, outcome_of, read_cases


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    try:
        cases = list(read_cases(folder))
        signatures = list(read_signatures(folder))
    except (OSError, TypeError, KeyError, ValueError) as fault:
        print(f"conformance: {fault}", file=sys.stderr)
        return 1
    for one in signatures:
        print(json.dumps({"file": one.file, "name": one.name, "got": judge(one)}))
    for case in cases:
        got = outcome_of(decide(case))
        print(json.dumps({"file": case.file, "name": case.name, "got": got}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
