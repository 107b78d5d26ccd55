/** The workspace every entity of a DB-less Kong belongs to. */
export const WORKSPACE = '0dc6f45b-8f8d-40d2-a504-473544ee190b'

/** An entity as Kong keeps it and as its PDK hands it out, defaults filled in. */
export type Entity = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly name?: string
}

export interface Service {
  readonly entity: Entity
  readonly host: string
  readonly port: number
  /** Before every upstream path; `/` when the entity has none. */
  readonly path: string
  readonly readTimeoutMs: number
}

export interface Route {
  readonly entity: Entity
  readonly service: Service
  /** Prefixes; empty when any path will do. */
  readonly paths: readonly string[]
  readonly methods: readonly string[]
  readonly hosts: readonly string[]
  readonly stripPath: boolean
  readonly preserveHost: boolean
}

export interface PluginEntity {
  readonly id: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly routeId: string | undefined
  readonly serviceId: string | undefined
  /** Members of the entity that a plugin's schema may restrict. */
  readonly scope: Readonly<Record<'consumer' | 'protocols', unknown>>
}

export type Consumer = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly username?: string
  readonly custom_id?: string
}

export interface DeclarativeConfig {
  readonly routes: readonly Route[]
  readonly plugins: readonly PluginEntity[]
  readonly consumers: readonly Consumer[]
}
