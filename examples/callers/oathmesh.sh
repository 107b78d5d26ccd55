#!/bin/sh
# oathmesh.sh METHOD URL [BODY-FILE [CURL-OPTION...]]: one call of an API behind OathMesh, bound to the request.
# OATHMESH_ISSUER, OATHMESH_AUD, OATHMESH_ACT and for clients OATHMESH_SUB say what to mint; OATHMESH_CREDENTIAL, or what is in
# the file OATHMESH_CREDENTIAL_FILE, proves who asks. OATHMESH_BINDING=off is for APIs without binding. Needs curl 7.55, jq, openssl. What is sent again: docs/protocol.md
{ set +x; } 2>/dev/null # a trace would show the token
set -eu && umask 077 && export LC_ALL=C
method=$1 url=$2 body=${3:-/dev/null} left=2 again=1 harmless=false
shift $(($# > 2 ? 3 : 2))
fail() { echo "oathmesh.sh: $1" >&2; exit "${2:-2}"; }
case $url in *\#* | *[!\!-~]*) fail 'the URL has a fragment, or what is not ASCII' ;; http*://*/*) ;; *) fail 'the URL is not https://HOST/PATH' ;; esac
case $OATHMESH_ISSUER in https://* | http://127.0.0.1:* | http://localhost:*) ;; *) fail 'OATHMESH_ISSUER is not https' ;; esac
case $method in GET | HEAD | OPTIONS | TRACE | PUT | DELETE) harmless=true ;; esac
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && trap 'exit 130' INT TERM
cat -- "$body" >"$dir/body"
[ ! -s "$dir/body" ] || set -- --data-binary "@$dir/body" "$@"
[ "$method" != HEAD ] || set -- --head "$@"
target=/${url#*://*/} && query=${target#*\?} && [ "$query" != "$target" ] || query=
digest() { openssl dgst -sha256 -r | cut -d' ' -f1; }
rqh=sha256:$(printf 'oathmesh-rqh-v1\n%s\n%s\n%s\n%s' "$method" "${target%%\?*}" "$query" "$(digest <"$dir/body")" | digest)
[ "${OATHMESH_BINDING:-strict}" != off ] || rqh=
jq -n --arg aud "$OATHMESH_AUD" --arg act "$OATHMESH_ACT" --arg sub "${OATHMESH_SUB:-}" --arg rqh "$rqh" '{$aud, $act, $sub, $rqh} | with_entries(select(.value != ""))' >"$dir/wanted"
send() { # send AUTHORIZATION CURL-OPTION...: the status, or 000 without an answer; nothing secret is in an argument of curl
  authorization=$1 && shift && : >"$dir/head" >"$dir/answer"
  status=$(printf 'Authorization: %s\n' "$authorization" | curl -qgsS -m 30 --path-as-is -H @- -D "$dir/head" -o "$dir/answer" -w '%{http_code}' "$@") || status=000
}
patient() { pause=$(awk 'tolower($1) == "retry-after:" && $2 ~ /^[0-9]+\r?$/ { print $2 + 0 }' "$dir/head") && [ "${pause:-99}" -le 10 ] && [ $((left -= 1)) -ge 0 ] && sleep "$pause"; }
once() { [ $((again -= 1)) -ge 0 ]; }
while :; do
  send "Bearer ${OATHMESH_CREDENTIAL:-$(cat -- "$OATHMESH_CREDENTIAL_FILE")}" -H 'Content-Type: application/json' --data-binary "@$dir/wanted" "$OATHMESH_ISSUER/v1/token"
  case $status in 200) ;; 429 | 503) patient && continue ;; 000) once && continue ;; esac
  [ "$status" = 200 ] || { cat "$dir/answer" >&2; fail "the issuer gave no token: $status" 1; }
  send "OathMesh $(jq -er .token "$dir/answer")" -X "$method" "$@" "$url"
  case $status:$(jq -r 'select(.fix) | "\(.error):\(.step)"' "$dir/answer" 2>/dev/null) in
    503:verification_failed:*) patient && continue ;; 503:*) $harmless && patient && continue ;;
    401:verification_failed:13) once && continue ;; 401:replay_detected:* | 000:*) $harmless && once && continue ;;
  esac
  [ "$status" -lt 200 ] || [ "$status" -ge 400 ] || { cat "$dir/answer" && exit 0; }
  cat "$dir/answer" >&2 && fail "the call failed: $status" 22
done
