/** What `--help` prints. */
export const HELP = `Usage: oathmesh-pluginserver -d <dir> [options]

Runs JavaScript plugins for Kong over either of its protocols. Takes the flags of kong-js-pluginserver.

  -d, --plugins-directory <dir>  folder of the plugin; Kong expects exactly one (required)
  -p, --kong-prefix <dir>        folder of the socket (default: /usr/local/kong)
      --sock-name <name>         name of the socket (default: js_pluginserver.sock)
      --socket-mode <mode>       permissions of the socket: 0600, its owner's alone, or 0660, its group's as
                                 well, for a server that does not run as Kong's user (default: 0600)
      --wire <name>              protocol to speak, protobuf or msgpack, in the query command as in the start
                                 command (default: protobuf)
      --workers <n|auto>         processes that serve requests, auto for one per core; needs protobuf
                                 (default: 1)
      --body-directory <dir>     where nginx spools request bodies, for protobuf
                                 (default: client_body_temp in the folder of --kong-prefix)
      --metrics <address>        serve metrics for Prometheus, and /healthz and /readyz, at HOST:PORT or
                                 unix:PATH (default: none)
  -v, --verbose                  log every call by name
      --dump-plugin-info <name>  print one plugin's description as MessagePack, and exit
      --dump-all-plugins         print the description of every plugin as JSON, and exit
      --version, -h, --help

Limits:
      --max-frame-bytes <n>      largest message from Kong, which carries a request body whole; a request
                                 that needs a larger one is refused with 503 (default: 33554432)
      --phase-timeout-ms <n>     how long a plugin may keep Kong waiting for one answer; then the request
                                 is refused with 503. Kong itself waits 60 s and then proxies the request
                                 on, so the ceiling is 55000 (default: 10000)
      --event-age-ms <n>         how long the state of a request waits for Kong's next message; a slow
                                 upload that the plugin reads has to finish within it (default: 120000)
      --max-events <n>           requests in progress; beyond, the oldest is given up (default: 10000)
      --drain-ms <n>             how long SIGTERM waits for open requests (default: 5000)

A request that is given up is refused with 503 in the access, rewrite and preread phases; it is never
passed on. SIGTERM and SIGINT drain and exit with 0, a second one exits at once. SIGHUP is left to the
plugin. Exit code 1: wrong flags, no such plugin, or another server is alive at the socket.
`
