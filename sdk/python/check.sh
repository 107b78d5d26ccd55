#!/bin/sh
# Lints, types and tests the Python SDK, in a virtual environment of its own that is made once per
# version of Python and of pyproject.toml. PYTHON names the interpreter, 3.9 or later.
# The last line counts the tests, from pytest's own report; the status is 0 when all is well.
set -eu
cd "$(dirname "$0")"

python=${PYTHON:-python3}
venv=.venv/$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
stamp=$venv/pyproject.toml
if ! cmp -s pyproject.toml "$stamp"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
  cp pyproject.toml "$stamp"
fi

status=0
report=$venv/pytest.xml
rm -f "$report"
"$venv/bin/ruff" check . || status=1
"$venv/bin/ruff" format --check . || status=1
"$venv/bin/mypy" || status=1
"$venv/bin/python" -m pytest --junit-xml="$report" "$@" || status=1
"$venv/bin/python" - "$report" <<'COUNT' || status=1
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
