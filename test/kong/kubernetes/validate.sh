#!/bin/sh
# Runs validate.py in a virtual environment that is made once per version of Python and of requirements.txt.
set -eu
folder=$(dirname "$0")
venv=node_modules/.cache/kubernetes-validate/$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! cmp -s "$folder/requirements.txt" "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$folder/requirements.txt" >&2
  cp "$folder/requirements.txt" "$venv/requirements.txt"
fi
exec "$venv/bin/python" "$folder/validate.py" "$@"
