/** What a first set-up is made of. */
export interface Setup {
  readonly issuer: string
  readonly issuerPort: number
  readonly audience: string
  readonly upstream: string
  readonly client: string
  readonly secretHash: string
  readonly bearer: string
}

/** The files of a set-up by name, and whether others may read them. */
export function initFiles(setup: Setup): Readonly<Record<string, { text: string; mode: number }>> {
  return {
    'issuer.yaml': { text: issuerYaml(setup), mode: 0o600 },
    'kong.yml': { text: kongYaml(setup), mode: 0o644 },
    'caller.env': { text: callerEnv(setup), mode: 0o600 },
  }
}

function issuerYaml({ issuer, issuerPort, audience, client, secretHash }: Setup): string {
  return `# The issuer: oathmesh serve --config issuer.yaml
issuer: ${issuer}  # the iss of its tokens; in earnest an https URL
listen:
  host: 127.0.0.1
  port: ${issuerPort}
keys:
  directory: keys  # "oathmesh keys rotate --config issuer.yaml" adds one
clients:
  - name: ${client}  # its secret is in caller.env; "oathmesh client-secret NAME" makes another
    secret_hashes:
      - ${secretHash}
rules:
  - name: first-client
    callers: ["client:${client}"]
    allow: true
    match: { sub: "svc://${client}/*", aud: "${audience}", act: "items.*" }
    max_ttl: 120
`
}

function kongYaml({ issuer, audience, upstream, client }: Setup): string {
  return `# One service behind OathMesh, for a Kong without database: declarative_config = kong.yml
_format_version: "3.0"

services:
  - name: items
    url: ${upstream}  # the service behind Kong; it is not changed
    routes:
      - name: items
        paths: [/items]
        strip_path: false
    plugins:
      - name: oathmesh
        config:
          audience: ${audience}  # the name callers mint tokens for
          issuers:
            - issuer: ${issuer}
          keys:
            allow_http: true  # for an issuer on this machine; not in earnest
          policy:
            rules:
              - name: first-client
                allow: true
                match: { sub: "svc://${client}/*", act: "items.*" }
`
}

function callerEnv({ issuer, audience, client, bearer }: Setup): string {
  return `# What a caller needs: . ./caller.env
export OATHMESH_ISSUER=${issuer}
export OATHMESH_CREDENTIAL=${bearer}
export OATHMESH_SUB=svc://${client}/laptop
export OATHMESH_AUD=${audience}
export OATHMESH_ACT=items.read
`
}
