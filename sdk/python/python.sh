#!/bin/sh
# Runs Python with the SDK and its tools, in a virtual environment of its own that is made once per
# version of Python and of pyproject.toml. PYTHON names the interpreter, 3.9 or later.
set -eu
folder=$(dirname "$0")
python=${PYTHON:-python3}
venv=$folder/.venv/$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! cmp -s "$folder/pyproject.toml" "$venv/pyproject.toml"; then
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$folder[dev]" >&2
  cp "$folder/pyproject.toml" "$venv/pyproject.toml"
fi
exec "$venv/bin/python" "$@"
