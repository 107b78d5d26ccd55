-- Generated from schema/config.schema.json by "npm run generate". For Konnect; see docs/konnect.md.
local null = ngx and ngx.null
return {
  name = "oathmesh",
  fields = {
    {
      consumer = {
        type = "foreign",
        reference = "consumers",
        eq = null,
        description = "Must not be set: the plugin runs before any consumer is known.",
      },
    },
    {
      protocols = {
        type = "set",
        required = true,
        default = { "grpc", "grpcs", "http", "https" },
        elements = { type = "string", one_of = { "grpc", "grpcs", "http", "https" } },
        description = "The protocols of requests that the plugin decides.",
      },
    },
    {
      config = {
        type = "record",
        fields = {
          {
            audience = {
              type = "string",
              len_min = 1,
              len_max = 1024,
              required = true,
              description = "The one accepted `aud` claim, compared byte for byte: the name callers mint tokens for, usually the URL of this API.",
            },
          },
          {
            issuers = {
              type = "array",
              elements = {
                type = "record",
                fields = {
                  {
                    issuer = {
                      type = "string",
                      len_min = 1,
                      len_max = 1024,
                      required = true,
                      description = "The issuer's `iss`, compared byte for byte. Its keys are fetched from `{issuer}/.well-known/jwks.json` unless `jwks_uri` or `jwks` says otherwise.",
                    },
                  },
                  {
                    jwks_uri = {
                      type = "string",
                      len_min = 1,
                      len_max = 2048,
                      match_any = {
                        patterns = {
                          "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\092%s]+$",
                          "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\092%s]+/[^?#\092%s]*$",
                        },
                        err = "must be a URL such as https://host/path, without user info, query and fragment",
                      },
                      description = "URL of the issuer's JWK set, where it differs from the default. https, without user info, query or fragment; http only with `keys.allow_http`.",
                    },
                  },
                  {
                    jwks = {
                      type = "string",
                      len_min = 2,
                      len_max = 65536,
                      description = "The issuer's JWK set itself, as JSON text. Nothing is fetched then, and a rotation needs a change of configuration.",
                    },
                  },
                  {
                    subjects = {
                      type = "array",
                      elements = { type = "string", len_min = 1, len_max = 512 },
                      len_min = 1,
                      len_max = 256,
                      description = "Globs (`*` matches any text) of the subjects this issuer may speak for. Unset: every subject.",
                    },
                  },
                },
                entity_checks = { { mutually_exclusive = { "jwks", "jwks_uri" } } },
              },
              len_min = 1,
              len_max = 32,
              required = true,
              description = "The trusted issuers. A token whose `iss` is not one of them is refused, and each issuer's tokens verify against that issuer's keys alone.",
            },
          },
          {
            accept_bearer = {
              type = "boolean",
              default = false,
              description = "Accept `Authorization: Bearer <token>` as well as `Authorization: OathMesh <token>`.",
            },
          },
          {
            clock_skew_leeway = {
              type = "integer",
              between = { 0, 60 },
              default = 30,
              description = "Seconds by which an issuer's clock may differ from the gateway's. A token is accepted while `exp` + leeway is later, and `iat` - leeway earlier, than now.",
            },
          },
          {
            max_token_lifetime = {
              type = "integer",
              between = { 1, 300 },
              default = 300,
              description = "Longest accepted `exp` - `iat` in seconds. Issuers that mint longer-lived tokens are refused.",
            },
          },
          {
            max_token_bytes = {
              type = "integer",
              between = { 256, 65536 },
              default = 8192,
              description = "Longest accepted token in bytes; a longer one is refused before anything is decoded. Kong itself answers 400 to a header line above 8 kB, unless `nginx_http_large_client_header_buffers` is raised as well.",
            },
          },
          {
            deadline_ms = {
              type = "integer",
              between = { 10, 30000 },
              default = 1000,
              description = "Milliseconds one verification may take, waiting for keys and stores included. Then the call is refused with 503.",
            },
          },
          {
            keys = {
              type = "record",
              fields = {
                {
                  ttl = {
                    type = "integer",
                    between = { 1, 86400 },
                    default = 60,
                    description = "Seconds for which a fetched JWK set is fresh. A withdrawn key is accepted for at most this long while the issuer is reachable.",
                  },
                },
                {
                  stale_if_error = {
                    type = "integer",
                    between = { 0, 86400 },
                    default = 600,
                    description = "Seconds beyond `ttl` for which the last good JWK set still serves while the issuer cannot be reached; 0 refuses at once.",
                  },
                },
                {
                  refresh_cooldown = {
                    type = "integer",
                    between = { 1, 3600 },
                    default = 30,
                    description = "Seconds per refresh that unknown key ids can cause for one issuer, with a burst of two. Bounds what invented key ids cost the issuer.",
                  },
                },
                {
                  timeout_ms = {
                    type = "integer",
                    between = { 50, 30000 },
                    default = 5000,
                    description = "Milliseconds one fetch of a JWK set may take in all. The fetch goes on in the background when `deadline_ms` ends the call that waits for it.",
                  },
                },
                {
                  allow_http = {
                    type = "boolean",
                    default = false,
                    description = "Allow `http:` in `jwks_uri` and `issuer`. For development: whoever is on the path can then replace the keys.",
                  },
                },
                {
                  ca_file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    description = "Path of a PEM file with certificate authorities that JWKS servers may have, besides the ones built into Node.js.",
                  },
                },
              },
              description = "How the issuers' JWK sets are fetched and cached.",
            },
          },
          {
            replay = {
              type = "record",
              fields = {
                {
                  store = {
                    type = "string",
                    one_of = { "memory", "redis" },
                    default = "memory",
                    description = "Where used token ids are kept. `redis` is shared by all gateway nodes; `memory` defends one node only and refuses tokens minted before its plugin server started.",
                  },
                },
                {
                  max_entries = {
                    type = "integer",
                    between = { 1, 10000000 },
                    default = 200000,
                    description = "Token ids the memory store holds at most, for all plugin entities of a node together. When it is full, new tokens are refused with 503. Has no effect with store `redis`.",
                  },
                },
                {
                  known_good_window = {
                    type = "integer",
                    between = { 0, 60 },
                    default = 60,
                    description = "Seconds for which a token that this process has verified is accepted again while Redis is away, if it passes every other check; 0 for not at all. Every other token is refused with 503 meanwhile.",
                  },
                },
                {
                  key_format = {
                    type = "string",
                    one_of = { "hashed", "jti" },
                    default = "hashed",
                    description = "Redis key of a used token: `hashed` is a digest of issuer and id; `jti` is the bare id, for estates shared with receivers of other implementations.",
                  },
                },
              },
              description = "How a token is kept from being used twice.",
            },
          },
          {
            revocation = {
              type = "record",
              fields = {
                {
                  enabled = {
                    type = "boolean",
                    default = true,
                    description = "Ask Redis with every replay claim whether the subject is in the hash `oathmesh:revocations`. Has no effect with store `memory`, which has no such list.",
                  },
                },
              },
              description = "Whether revoked subjects are refused.",
            },
          },
          {
            redis = {
              type = "record",
              fields = {
                {
                  host = {
                    type = "string",
                    len_min = 1,
                    len_max = 255,
                    match_none = {
                      { pattern = "%s", err = "must be without spaces" },
                      { pattern = "://", err = "must be a host and not a URL" },
                      { pattern = "@", err = "must be without user info" },
                      { pattern = "[/\092?#]", err = "must be a host without a path" },
                      {
                        pattern = "[%[%]]",
                        err = "must be without brackets: write an IPv6 address as ::1",
                      },
                      { pattern = "^[^:]*:%d*$", err = "must be without a port" },
                      { pattern = "%.$", err = "must be without the dot at its end" },
                      { pattern = "[^!-~]", err = "must be in ASCII" },
                      { pattern = "%*", err = "must be one host, without wildcard" },
                    },
                    default = "127.0.0.1",
                    description = "Host name or address of the server.",
                  },
                },
                {
                  port = {
                    type = "integer",
                    between = { 1, 65535 },
                    default = 6379,
                    description = "TCP port of the server.",
                  },
                },
                {
                  username = {
                    type = "string",
                    len_min = 1,
                    len_max = 512,
                    referenceable = true,
                    description = "ACL user; unset for the default user.",
                  },
                },
                {
                  password = {
                    type = "string",
                    len_min = 1,
                    len_max = 1024,
                    referenceable = true,
                    encrypted = true,
                    description = "Password of the user.",
                  },
                },
                {
                  password_file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    description = "Path of a file with the password, on the machine of the gateway; one line end after it does not count. Read anew for each connection; with `cluster_nodes` once, at the start.",
                  },
                },
                {
                  database = {
                    type = "integer",
                    between = { 0, 1023 },
                    default = 0,
                    description = "Number of the database; 0 in a Cluster.",
                  },
                },
                { ssl = { type = "boolean", default = false, description = "Connect with TLS." } },
                {
                  ssl_verify = {
                    type = "boolean",
                    default = true,
                    description = "Verify the certificate of the server. Without it whoever is on the path can forget used tokens.",
                  },
                },
                {
                  server_name = {
                    type = "string",
                    len_min = 1,
                    len_max = 255,
                    match_none = {
                      { pattern = "%s", err = "must be without spaces" },
                      { pattern = "://", err = "must be a host and not a URL" },
                      { pattern = "@", err = "must be without user info" },
                      { pattern = "[/\092?#]", err = "must be a host without a path" },
                      {
                        pattern = "[%[%]]",
                        err = "must be without brackets: write an IPv6 address as ::1",
                      },
                      { pattern = "^[^:]*:%d*$", err = "must be without a port" },
                      { pattern = "%.$", err = "must be without the dot at its end" },
                      { pattern = "[^!-~]", err = "must be in ASCII" },
                      { pattern = "%*", err = "must be one host, without wildcard" },
                    },
                    description = "Name for SNI that the certificate must carry, where it is not the host’s.",
                  },
                },
                {
                  ca_file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    description = "Path of a PEM file with the certificate authorities to trust instead of the ones built into Node.js.",
                  },
                },
                {
                  timeout = {
                    type = "integer",
                    between = { 5, 5000 },
                    default = 100,
                    description = "Milliseconds one claim may take, waiting included. Then the store counts as away for this call.",
                  },
                },
                {
                  connect_timeout = {
                    type = "integer",
                    between = { 50, 30000 },
                    default = 1000,
                    description = "Milliseconds in which one connection must be established, TLS included.",
                  },
                },
                {
                  sentinel_master = {
                    type = "string",
                    len_min = 1,
                    len_max = 255,
                    description = "Name of the master, to find it through Sentinel.",
                  },
                },
                {
                  sentinel_nodes = {
                    type = "array",
                    elements = {
                      type = "record",
                      fields = {
                        {
                          host = {
                            type = "string",
                            len_min = 1,
                            len_max = 255,
                            match_none = {
                              { pattern = "%s", err = "must be without spaces" },
                              { pattern = "://", err = "must be a host and not a URL" },
                              { pattern = "@", err = "must be without user info" },
                              { pattern = "[/\092?#]", err = "must be a host without a path" },
                              {
                                pattern = "[%[%]]",
                                err = "must be without brackets: write an IPv6 address as ::1",
                              },
                              { pattern = "^[^:]*:%d*$", err = "must be without a port" },
                              { pattern = "%.$", err = "must be without the dot at its end" },
                              { pattern = "[^!-~]", err = "must be in ASCII" },
                              { pattern = "%*", err = "must be one host, without wildcard" },
                            },
                            required = true,
                            description = "Host name or address of the node.",
                          },
                        },
                        {
                          port = {
                            type = "integer",
                            between = { 1, 65535 },
                            default = 26379,
                            description = "TCP port of the node.",
                          },
                        },
                      },
                    },
                    len_min = 1,
                    len_max = 64,
                    description = "The Sentinels. `host` and `port` of the server are not used then.",
                  },
                },
                {
                  sentinel_role = {
                    type = "string",
                    one_of = { "master" },
                    default = "master",
                    description = "Only a master can record uses; the field exists because Kong’s own plugins have it.",
                  },
                },
                {
                  sentinel_username = {
                    type = "string",
                    len_min = 1,
                    len_max = 512,
                    referenceable = true,
                    description = "ACL user at the Sentinels.",
                  },
                },
                {
                  sentinel_password = {
                    type = "string",
                    len_min = 1,
                    len_max = 1024,
                    referenceable = true,
                    encrypted = true,
                    description = "Password at the Sentinels.",
                  },
                },
                {
                  sentinel_password_file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    description = "Path of a file with the password at the Sentinels, read as `password_file` is.",
                  },
                },
                {
                  cluster_nodes = {
                    type = "array",
                    elements = {
                      type = "record",
                      fields = {
                        {
                          ip = {
                            type = "string",
                            len_min = 1,
                            len_max = 255,
                            match_none = {
                              { pattern = "%s", err = "must be without spaces" },
                              { pattern = "://", err = "must be a host and not a URL" },
                              { pattern = "@", err = "must be without user info" },
                              { pattern = "[/\092?#]", err = "must be a host without a path" },
                              {
                                pattern = "[%[%]]",
                                err = "must be without brackets: write an IPv6 address as ::1",
                              },
                              { pattern = "^[^:]*:%d*$", err = "must be without a port" },
                              { pattern = "%.$", err = "must be without the dot at its end" },
                              { pattern = "[^!-~]", err = "must be in ASCII" },
                              { pattern = "%*", err = "must be one host, without wildcard" },
                            },
                            required = true,
                            description = "Host name or address of the node.",
                          },
                        },
                        {
                          port = {
                            type = "integer",
                            between = { 1, 65535 },
                            default = 6379,
                            description = "TCP port of the node.",
                          },
                        },
                      },
                    },
                    len_min = 1,
                    len_max = 64,
                    description = "Some nodes of a Cluster, from which the others are found.",
                  },
                },
                {
                  cluster_max_redirections = {
                    type = "integer",
                    between = { 1, 32 },
                    default = 5,
                    description = "Redirections a command follows at most in a Cluster.",
                  },
                },
              },
              entity_checks = {
                { mutually_required = { "sentinel_master", "sentinel_nodes" } },
                { mutually_exclusive = { "cluster_nodes", "sentinel_nodes" } },
                { mutually_exclusive = { "password", "password_file" } },
                { mutually_exclusive = { "sentinel_password", "sentinel_password_file" } },
                {
                  conditional = {
                    if_field = "cluster_nodes",
                    if_match = { required = true },
                    then_field = "database",
                    then_match = { between = { 0, 0 } },
                    then_err = "redis.database: must be 0 with redis.cluster_nodes",
                  },
                },
              },
              description = "The Redis of replay store `redis`, in the words of Kong’s own plugins.",
            },
          },
          {
            policy = {
              type = "record",
              fields = {
                {
                  rules = {
                    type = "array",
                    elements = {
                      type = "record",
                      fields = {
                        {
                          name = {
                            type = "string",
                            len_min = 1,
                            len_max = 128,
                            required = true,
                            description = "Unique name; the audit line gives it as `rule`.",
                          },
                        },
                        {
                          allow = {
                            type = "boolean",
                            required = true,
                            description = "Whether a call that matches passes.",
                          },
                        },
                        {
                          match = {
                            type = "record",
                            fields = {
                              {
                                sub = {
                                  type = "string",
                                  len_min = 1,
                                  len_max = 512,
                                  description = "Glob for the subject; `*` matches any text.",
                                },
                              },
                              {
                                act = {
                                  type = "string",
                                  len_min = 1,
                                  len_max = 512,
                                  description = "Glob for the action.",
                                },
                              },
                              {
                                iss = {
                                  type = "string",
                                  len_min = 1,
                                  len_max = 1024,
                                  description = "Glob for the issuer.",
                                },
                              },
                              {
                                aud = {
                                  type = "string",
                                  len_min = 1,
                                  len_max = 1024,
                                  description = "Glob for the audience.",
                                },
                              },
                              {
                                env = {
                                  type = "string",
                                  len_min = 1,
                                  len_max = 128,
                                  description = "Glob for the environment.",
                                },
                              },
                              {
                                tenant = {
                                  type = "string",
                                  len_min = 1,
                                  len_max = 128,
                                  description = "Glob for the tenant.",
                                },
                              },
                              {
                                scope = {
                                  type = "array",
                                  elements = { type = "string", len_min = 1, len_max = 256 },
                                  len_min = 1,
                                  len_max = 64,
                                  description = "Scopes that the token must all have.",
                                },
                              },
                              {
                                src = {
                                  type = "record",
                                  fields = {
                                    {
                                      type = {
                                        type = "string",
                                        len_min = 1,
                                        len_max = 512,
                                        description = "Glob for the kind of source, such as `github_actions`.",
                                      },
                                    },
                                    {
                                      repo = {
                                        type = "string",
                                        len_min = 1,
                                        len_max = 512,
                                        description = "Glob for the repository.",
                                      },
                                    },
                                    {
                                      workflow = {
                                        type = "string",
                                        len_min = 1,
                                        len_max = 512,
                                        description = "Glob for the workflow.",
                                      },
                                    },
                                  },
                                  description = "Provenance of the call.",
                                },
                              },
                            },
                            description = "Claims that must all fit. A rule that allows must name at least one; a rule that denies may leave it empty and then fits every call.",
                          },
                        },
                      },
                      entity_checks = {
                        {
                          conditional_at_least_one_of = {
                            if_field = "allow",
                            if_match = { eq = true },
                            then_at_least_one_of = {
                              "match.sub",
                              "match.act",
                              "match.iss",
                              "match.aud",
                              "match.env",
                              "match.tenant",
                              "match.scope",
                              "match.src.type",
                              "match.src.repo",
                              "match.src.workflow",
                            },
                            then_err = "policy.rules: a rule that allows must say what it matches",
                          },
                        },
                      },
                    },
                    len_min = 1,
                    len_max = 1000,
                    description = "Rules from top to bottom; the first one that matches decides. A call that matches none is denied.",
                  },
                },
                {
                  file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    match_any = {
                      patterns = { "^/.*%.json$", "^/.*%.pkl$" },
                      err = "must be an absolute path that ends in .json or .pkl",
                    },
                    description = "Absolute path of a policy file on the gateway, `.json` or `.pkl`. It is read again whenever it changes; a faulty version never replaces a good one.",
                  },
                },
                {
                  allow_all = {
                    type = "boolean",
                    default = false,
                    description = "Let every caller with a valid token pass. An explicit choice: without it, and without rules, the configuration is refused.",
                  },
                },
              },
              entity_checks = {
                {
                  conditional_at_least_one_of = {
                    if_field = "allow_all",
                    if_match = { ne = true },
                    then_at_least_one_of = { "rules", "file" },
                    then_err = "policy: one of rules, file, allow_all is required",
                  },
                },
                { mutually_exclusive = { "rules", "file" } },
                {
                  conditional = {
                    if_field = "allow_all",
                    if_match = { eq = true },
                    then_field = "rules",
                    then_match = { len_max = 0 },
                    then_err = "policy: give only one of rules, file, allow_all",
                  },
                },
                {
                  conditional = {
                    if_field = "allow_all",
                    if_match = { eq = true },
                    then_field = "file",
                    then_match = { len_max = 0 },
                    then_err = "policy: give only one of rules, file, allow_all",
                  },
                },
              },
              required = true,
              description = "Who may call. Give one of `rules`, `file` and `allow_all`; what no rule allows is denied.",
            },
          },
          {
            require = {
              type = "record",
              fields = {
                {
                  action = {
                    type = "string",
                    len_min = 1,
                    len_max = 512,
                    description = "Glob that `act` must match; with `routes`, for requests that no route lists.",
                  },
                },
                {
                  scopes = {
                    type = "array",
                    elements = { type = "string", len_min = 1, len_max = 256 },
                    len_min = 1,
                    len_max = 64,
                    description = "Scopes that every token must carry.",
                  },
                },
                {
                  routes = {
                    type = "array",
                    elements = {
                      type = "record",
                      fields = {
                        {
                          method = {
                            type = "string",
                            len_min = 1,
                            len_max = 64,
                            match_any = {
                              patterns = { "^%*$", "^[A-Z0-9!#$%%&'+.^_`|~-]+$" },
                              err = "must be a method in capitals, or \034*\034",
                            },
                            required = true,
                            description = "Request method, compared exactly; `*` for any.",
                          },
                        },
                        {
                          path = {
                            type = "string",
                            len_min = 1,
                            len_max = 2048,
                            match_none = {
                              {
                                pattern = "[%%;#?\092]",
                                err = "must be a decoded path, without % ; # ? \092",
                              },
                            },
                            match = "^/",
                            required = true,
                            description = "Path template: `{name}` is one segment, `*` at the end is the rest.",
                          },
                        },
                        {
                          action = {
                            type = "string",
                            len_min = 1,
                            len_max = 512,
                            required = true,
                            description = "Glob that `act` must match.",
                          },
                        },
                        {
                          scopes = {
                            type = "array",
                            elements = { type = "string", len_min = 1, len_max = 256 },
                            len_min = 1,
                            len_max = 64,
                            description = "Scopes that the token must carry besides.",
                          },
                        },
                      },
                    },
                    len_min = 1,
                    len_max = 1000,
                    description = "Actions by request; the most specific path decides. A request that none lists needs `action`, and is refused without it.",
                  },
                },
              },
              description = "What a token must declare for the request it comes with, whatever policy says.",
            },
          },
          {
            request_binding = {
              type = "record",
              fields = {
                {
                  mode = {
                    type = "string",
                    one_of = { "off", "body", "method_path_body", "strict" },
                    default = "off",
                    description = "What `rqh` is a hash of. `strict` covers method, path, query and body without ambiguity and is the one to choose; the others exist for callers of other implementations. In YAML, quote `\034off\034`.",
                  },
                },
                {
                  required = {
                    type = "string",
                    one_of = { "none", "unsafe", "all" },
                    default = "none",
                    description = "Which requests need a bound token: `all`, or `unsafe` for all but GET, HEAD and OPTIONS without a body. Needs a `mode`.",
                  },
                },
                {
                  max_body_bytes = {
                    type = "integer",
                    between = { 1, 16777216 },
                    default = 1048576,
                    description = "Largest body in bytes that is read for the hash; a larger one with a bound token is refused with 413. Bodies travel to the plugin server whole, so this bounds its memory.",
                  },
                },
                {
                  ignore_when_off = {
                    type = "boolean",
                    default = false,
                    description = "With mode `off`, let tokens that carry `rqh` pass unchecked instead of refusing them.",
                  },
                },
              },
              entity_checks = {
                {
                  conditional = {
                    if_field = "required",
                    if_match = { one_of = { "unsafe", "all" } },
                    then_field = "mode",
                    then_match = { required = true, not_one_of = { "off" } },
                    then_err = "request_binding.mode: must not be off where request_binding.required is set",
                  },
                },
              },
              description = "Whether tokens are bound to one request by their `rqh` claim.",
            },
          },
          {
            identity_headers = {
              type = "set",
              elements = {
                type = "string",
                one_of = {
                  "subject",
                  "action",
                  "token_id",
                  "issuer",
                  "env",
                  "tenant",
                  "scope",
                  "source",
                  "delegated_by",
                  "expires_at",
                  "reason",
                },
              },
              len_max = 11,
              default = { "subject", "action", "token_id", "issuer" },
              description = "Which `X-OathMesh-*` headers the upstream receives. Whatever a client sends under such names is removed in any case. Bytes that are not printable ASCII, and `%`, are percent-encoded. `source` is `type:repo:workflow`, with a colon inside of a part as `%3A` and a missing part left empty.",
            },
          },
          {
            consumer = {
              type = "record",
              fields = {
                {
                  by = {
                    type = "string",
                    one_of = { "off", "subject", "claim" },
                    default = "off",
                    description = "What names the consumer: the subject, or the claim below, is looked up as username or id. One more round trip for the look-up and, on the MessagePack wire, one to authenticate. In YAML, quote `\034off\034`.",
                  },
                },
                {
                  claim = {
                    type = "string",
                    one_of = {
                      "iss",
                      "act",
                      "env",
                      "tenant",
                      "delegated_by",
                      "src.type",
                      "src.repo",
                      "src.workflow",
                    },
                    description = "The claim that names the consumer with `by: claim`.",
                  },
                },
                {
                  optional = {
                    type = "boolean",
                    default = false,
                    description = "Let a verified caller pass for whom there is no consumer. Otherwise it is refused with 403.",
                  },
                },
              },
              entity_checks = {
                {
                  conditional = {
                    if_field = "by",
                    if_match = { one_of = { "claim" } },
                    then_field = "claim",
                    then_match = { required = true },
                    then_err = "consumer.claim: required with by: claim",
                  },
                },
              },
              description = "Whether verified callers become Kong consumers, for acl, rate-limiting and everything else that goes by them.",
            },
          },
          {
            anonymous = {
              type = "string",
              len_min = 1,
              len_max = 255,
              description = "Id or username of the consumer as whom a call passes that cannot be verified, so that another authentication plugin may vouch for it. Kong’s own convention; needs `consumer.by`. Unset: such calls are refused.",
            },
          },
          {
            enforcement = {
              type = "string",
              one_of = { "enforce", "observe" },
              default = "enforce",
              description = "`observe` lets calls pass that would be refused, marks them `X-OathMesh-Decision: observe` without an identity, and audits them with `enforced:false`. For the first stage of a migration.",
            },
          },
          {
            run_on_preflight = {
              type = "boolean",
              default = true,
              description = "Verify OPTIONS requests too. Browsers send CORS preflights without credentials; `false` lets every OPTIONS request pass unverified.",
            },
          },
          {
            realm = {
              type = "string",
              len_min = 1,
              len_max = 128,
              match_any = {
                patterns = { "^[ !#-Z%[%]^-~]*$" },
                err = "must be printable ASCII without \034 and \092",
              },
              default = "kong",
              description = "The `realm` of the `WWW-Authenticate` header that goes with status 401.",
            },
          },
          {
            challenge = {
              type = "string",
              one_of = { "full", "minimal" },
              default = "full",
              description = "What the body of a 401 says besides the cause. `full` adds `issuer` (a list when there are several), `audience` and `binding`, the mode of `request_binding`: what a caller has to mint. `minimal` leaves them out.",
            },
          },
          {
            audit = {
              type = "record",
              fields = {
                {
                  sink = {
                    type = "string",
                    one_of = { "kong", "file", "none" },
                    default = "kong",
                    description = "Where audit lines go: Kong's error log at level notice (on the MessagePack wire one more round trip per call), a file on the gateway, or nowhere.",
                  },
                },
                {
                  file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    description = "Path of the file for sink `file`. It is appended to, created when missing with mode 0640, and reopened when it has been rotated.",
                  },
                },
                {
                  hmac_key = {
                    type = "string",
                    len_min = 32,
                    len_max = 1024,
                    referenceable = true,
                    encrypted = true,
                    description = "Key of at least 32 characters that seals the lines of sink `file` into a chain, so that `oathmesh audit verify` notices lines that were changed, left out or moved.",
                  },
                },
                {
                  hmac_key_file = {
                    type = "string",
                    len_min = 1,
                    len_max = 4096,
                    description = "Path of a file with that key, on the machine of the gateway; one line end after it does not count. Read when the plugin starts.",
                  },
                },
                {
                  context = {
                    type = "string",
                    one_of = { "minimal", "full" },
                    default = "minimal",
                    description = "`minimal` adds request id and client address to refusals only; `full` adds them, method, path, route and service to every line: on the MessagePack wire at one round trip each, on the ProtoBuf wire they travel with the headers.",
                  },
                },
                {
                  serialize = {
                    type = "boolean",
                    default = false,
                    description = "Add subject, action, jti, step, reason and outcome as `oathmesh` to what http-log, file-log and Kong’s other log plugins write; on the MessagePack wire at one more round trip.",
                  },
                },
              },
              entity_checks = {
                {
                  conditional = {
                    if_field = "hmac_key",
                    if_match = { required = true },
                    then_field = "sink",
                    then_match = { required = true, one_of = { "file" } },
                    then_err = "audit.hmac_key: needs sink file",
                  },
                },
                {
                  conditional = {
                    if_field = "hmac_key_file",
                    if_match = { required = true },
                    then_field = "sink",
                    then_match = { required = true, one_of = { "file" } },
                    then_err = "audit.hmac_key_file: needs sink file",
                  },
                },
                { mutually_exclusive = { "hmac_key", "hmac_key_file" } },
                {
                  conditional = {
                    if_field = "sink",
                    if_match = { one_of = { "file" } },
                    then_field = "file",
                    then_match = { required = true },
                    then_err = "audit.file: required with sink file",
                  },
                },
                {
                  conditional = {
                    if_field = "file",
                    if_match = { required = true },
                    then_field = "sink",
                    then_match = { required = true, one_of = { "file" } },
                    then_err = "audit.file: has no effect without sink file",
                  },
                },
              },
              description = "One line of JSON per decision.",
            },
          },
        },
        entity_checks = {
          {
            conditional = {
              if_field = "replay.key_format",
              if_match = { one_of = { "jti" } },
              then_field = "redis.cluster_nodes",
              then_match = { len_max = 0 },
              then_err = "replay.key_format: must be hashed with redis.cluster_nodes",
            },
          },
          {
            conditional = {
              if_field = "anonymous",
              if_match = { required = true },
              then_field = "consumer.by",
              then_match = { required = true, not_one_of = { "off" } },
              then_err = "consumer.by: must not be off where anonymous is set",
            },
          },
          {
            conditional = {
              if_field = "enforcement",
              if_match = { one_of = { "observe" } },
              then_field = "anonymous",
              then_match = { len_max = 0 },
              then_err = "anonymous: has no effect with enforcement observe, which lets every call pass",
            },
          },
          {
            conditional = {
              if_field = "keys.allow_http",
              if_match = { ne = true },
              then_field = "issuers",
              then_match = {
                elements = {
                  type = "record",
                  fields = {
                    { issuer = { type = "string" } },
                    { jwks_uri = { type = "string", match = "^[Hh][Tt][Tt][Pp][Ss]://" } },
                    { jwks = { type = "string" } },
                    { subjects = { type = "array", elements = { type = "string" } } },
                  },
                },
              },
              then_err = "issuers.jwks_uri: must be https, unless keys.allow_http is set",
            },
          },
        },
      },
    },
  },
}
