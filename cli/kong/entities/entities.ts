import type { KongDocument, Path, Table } from './kong-document.ts'
import { type Target, type TargetKind, Targets } from './target.ts'

/** One plugin entity, wherever in the file it stands. */
export interface PluginEntity {
  readonly name: string
  /** Instance name or id, if it has one. */
  readonly label: string | undefined
  readonly enabled: boolean
  readonly scope: Scope
  readonly path: Path
  readonly config: Table
  /** All of its members. */
  readonly entry: Table
}

export type Scope = Readonly<Partial<Record<TargetKind, Target>>>

export interface Route {
  readonly route: Target
  readonly service: Target | undefined
}

/** What of a Kong file decides which plugins run for a request. */
export interface Entities {
  readonly plugins: readonly PluginEntity[]
  readonly routes: readonly Route[]
  readonly services: readonly Target[]
}

const KINDS: readonly TargetKind[] = ['route', 'service', 'consumer', 'consumer_group']

/** Reads nested and top-level entities alike. Throws `InputError` for a file that is built otherwise. */
export function readEntities(document: KongDocument): Entities {
  return new Reader(document).read()
}

/** Plugins are read last, when every name they can refer to is known. */
class Reader {
  readonly #document: KongDocument
  readonly #targets = new Targets()
  readonly #routes: Route[] = []
  readonly #pending: (readonly [owner: Table, path: Path, scope: Scope])[] = []

  constructor(document: KongDocument) {
    this.#document = document
  }

  read(): Entities {
    const { root } = this.#document
    const services = this.#document.tablesIn(root, [], 'services').map((service) => {
      const target = this.#owner('service', ...service)
      this.#readRoutes(...service, target)
      return target
    })
    this.#readRoutes(root, [], undefined)
    for (const consumer of this.#document.tablesIn(root, [], 'consumers')) {
      this.#owner('consumer', ...consumer)
    }
    for (const group of this.#document.tablesIn(root, [], 'consumer_groups')) {
      this.#owner('consumer_group', ...group)
    }
    this.#pending.push([root, [], {}])
    const plugins = this.#pending.flatMap((owner) => this.#readPlugins(...owner))
    return { plugins, routes: this.#routes, services }
  }

  #owner(kind: TargetKind, entry: Table, path: Path): Target {
    const target = this.#targets.add(kind, entry, `#${path.at(-1)}`)
    this.#pending.push([entry, path, { [kind]: target }])
    return target
  }

  #readRoutes(owner: Table, path: Path, service: Target | undefined): void {
    for (const [entry, place] of this.#document.tablesIn(owner, path, 'routes')) {
      const route = this.#owner('route', entry, place)
      this.#routes.push({
        route,
        service: service ?? this.#targets.resolve('service', entry['service']),
      })
    }
  }

  #readPlugins(owner: Table, path: Path, inherited: Scope): readonly PluginEntity[] {
    return this.#document.tablesIn(owner, path, 'plugins').map(([entry, place]) => {
      const label = entry['instance_name'] ?? entry['id']
      return {
        name: this.#document.stringAt(entry, place, 'name'),
        label: typeof label === 'string' ? label : undefined,
        enabled: entry['enabled'] !== false,
        scope: { ...this.#scopeOf(entry), ...inherited },
        path: place,
        config: this.#configOf(entry, place),
        entry,
      }
    })
  }

  #scopeOf(entry: Table): Scope {
    const scope = KINDS.map((kind) => [kind, this.#targets.resolve(kind, entry[kind])] as const)
    return Object.fromEntries(scope.filter(([, target]) => target !== undefined))
  }

  /** decK lets entities share a configuration by name; what stands at the entity wins. */
  #configOf(entry: Table, path: Path): Table {
    const own = this.#document.tableAt(entry, path, 'config')
    const shared = entry['_config']
    if (typeof shared !== 'string') return own
    const all = this.#document.tableAt(this.#document.root, [], '_plugin_configs')
    return { ...this.#document.tableAt(all, ['_plugin_configs'], shared), ...own }
  }
}
