#!/bin/sh
# Lints, types and tests the Python SDK with the Python of python.sh.
# The last line counts the tests, from pytest's own report; the status is 0 when all is well.
set -eu
cd "$(dirname "$0")"
python() { sh ./python.sh "$@"; }

status=0
report=.venv/pytest.xml
rm -f "$report"
python -m ruff check . || status=1
python -m ruff format --check . || status=1
python -m mypy || status=1
python -m pytest --junit-xml="$report" "$@" || status=1
python - "$report" <<'COUNT' || status=1
import sys
import xml.etree.ElementTree as tree

try:
    suite = next(tree.parse(sys.argv[1]).getroot().iter("testsuite"))
except OSError:
    sys.exit("python: 0 passed, 1 failed: pytest wrote no report")
failed = int(suite.get("failures")) + int(suite.get("errors"))
passed = int(suite.get("tests")) - failed - int(suite.get("skipped"))
print(f"python: {passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
COUNT
exit "$status"
