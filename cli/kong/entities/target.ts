import { isTable, type Table } from './kong-document.ts'

/** What a plugin entity can be scoped to. */
export type TargetKind = 'route' | 'service' | 'consumer' | 'consumer_group'

/** One route, service, consumer or consumer group: the same object wherever the file refers to it. */
export interface Target {
  readonly kind: TargetKind
  /** Name, or id where it has none. */
  readonly label: string
}

/** The targets of a file, by name and id. */
export class Targets {
  readonly #byReference = new Map<string, Target>()

  /** Adds one that the file describes. */
  add(kind: TargetKind, entry: Table, fallback: string): Target {
    const references = [entry['name'], entry['username'], entry['custom_id'], entry['id']]
    const known = references.filter((value) => typeof value === 'string')
    const target = { kind, label: known[0] ?? fallback }
    for (const reference of known) this.#byReference.set(`${kind}:${reference}`, target)
    return target
  }

  /** The target that an entity names: a string, or a table as Kong's own files have it. */
  resolve(kind: TargetKind, reference: unknown): Target | undefined {
    const name = isTable(reference)
      ? (reference['name'] ?? reference['username'] ?? reference['custom_id'] ?? reference['id'])
      : reference
    if (name === undefined || name === null) {
      // Kong refuses one that names nobody; to take it for none would hide that.
      return isTable(reference) && isOfCallers(kind) ? { kind, label: '' } : undefined
    }
    const key = `${kind}:${name}`
    // A partial file may name what lives elsewhere; the same name is then still the same target.
    const target = this.#byReference.get(key) ?? { kind, label: String(name) }
    this.#byReference.set(key, target)
    return target
  }
}

function isOfCallers(kind: TargetKind): boolean {
  return kind === 'consumer' || kind === 'consumer_group'
}
