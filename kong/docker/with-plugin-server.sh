#!/bin/sh
# An entry point for a container whose Kong does not start the plugin server itself: runs the command it is
# given beside a plugin server that it keeps running, and ends with that command.
#   ENTRYPOINT ["/opt/oathmesh/with-plugin-server.sh", "/docker-entrypoint.sh"]
#   CMD ["kong", "docker-start"]
set -u
home=${OATHMESH_HOME:-/opt/oathmesh}
prefix=${KONG_PREFIX:-/usr/local/kong}

server=
stopping=
stop() {
  stopping=1
  [ -n "$server" ] && kill -TERM "$server" 2>/dev/null
}

keep() {
  trap stop TERM
  while [ -z "$stopping" ]; do
    "$home/bin/oathmesh-pluginserver.cjs" --wire protobuf --plugins-directory "$home/kong" \
      --kong-prefix "$prefix" --sock-name oathmesh.sock &
    server=$!
    # A trap ends the first wait before the server has drained.
    wait "$server"
    wait "$server"
    [ -n "$stopping" ] || sleep 0.2
  done
}

keep &
keeper=$!
"$@" &
main=$!
# nginx ends gracefully at SIGQUIT, and sets its own handler although a shell ignores it for what it starts.
trap 'kill -QUIT "$main" 2>/dev/null' TERM INT QUIT
status=0
while kill -0 "$main" 2>/dev/null; do
  wait "$main"
  status=$?
done
# Kong first, so that no request is left without a plugin server.
kill -TERM "$keeper" 2>/dev/null
wait "$keeper"
exit "$status"
