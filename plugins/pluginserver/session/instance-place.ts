/** Where an instance belongs in Kong, by Kong's ids. */
export interface InstancePlace {
  readonly entity?: string
  readonly route?: string
  readonly service?: string
}

/** Kong's ids are UUIDs; what is longer is none of Kong's. */
const MAX_ID = 64
const NAMES = { entity: '__plugin_id', route: 'route_id', service: 'service_id' } as const

/** What Kong adds to a configuration: nothing else of it may be remembered, since it holds secrets. */
export function placeIn(config: string): InstancePlace {
  const members = parse(config)
  const found = Object.entries(NAMES).map(([name, member]) => [name, members[member]] as const)
  return Object.fromEntries(
    found.filter(([, id]) => typeof id === 'string' && id !== '' && id.length <= MAX_ID),
  )
}

function parse(config: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(config)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
