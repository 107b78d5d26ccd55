/** The name callers mint tokens for. */
export const AUDIENCE = 'https://inventory.internal'
/** Who calls in the demo. */
export const SUBJECT = 'agent://ci/deploy-bot'

/** The plugin's configuration for the demo's API, the same on every gateway. */
export function inventoryConfig(issuer: string): object {
  return {
    audience: AUDIENCE,
    issuers: [{ issuer }],
    // The demo's issuer speaks plain http on loopback.
    keys: { allow_http: true },
    policy: {
      rules: [
        { name: 'ci-writes', allow: true, match: { sub: 'agent://ci/*', act: 'inventory.*' } },
      ],
    },
  }
}

/** The entities of a Kong that has the API at `/inventory`, protected with this configuration. */
export function inventoryEntities(upstream: string, config: object) {
  return {
    services: [
      {
        name: 'inventory',
        url: upstream,
        routes: [{ name: 'inventory', paths: ['/inventory'] }],
        plugins: [{ name: 'oathmesh', config }],
      },
    ],
  }
}
