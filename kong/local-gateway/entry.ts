import { createHash } from 'node:crypto'
import type { Entity } from './entities.ts'

/** An entry of a declarative file, not yet checked. */
export type Table = Readonly<Record<string, unknown>>

/** The value as a table. Throws `TypeError` that says what was expected there. */
export function tableOf(value: unknown, what: string): Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`not a ${what}`)
  }
  return value as Table
}

/** The entries of a list in a declarative file, without those that are switched off. */
export function entriesOf(table: Table, name: string): readonly Table[] {
  const list = table[name] ?? []
  if (!Array.isArray(list)) throw new TypeError(`${name}: expected an array`)
  return list.map((entry) => tableOf(entry, name)).filter(({ enabled }) => enabled !== false)
}

/** The texts of a list in a declarative file; none when it is absent. */
export function textsOf(table: Table, name: string): readonly string[] {
  const list = table[name] ?? []
  if (!Array.isArray(list)) throw new TypeError(`${name}: expected an array`)
  return list.map(String)
}

/** Whether a reference, by name or id and bare or in a table, means the entity. */
export function isNamed(entity: Entity, reference: unknown): boolean {
  const { name, id } =
    typeof reference === 'object' && reference !== null
      ? (reference as Table)
      : { name: reference, id: reference }
  return (name !== undefined && entity.name === name) || (id !== undefined && entity.id === id)
}

/** Kong derives the id of an entity that has none from what it is: the same for every start. */
export function idOf(kind: string, entry: Table): string {
  if (entry['id'] !== undefined) return String(entry['id'])
  const own = entry['name'] ?? entry['username'] ?? entry['custom_id'] ?? JSON.stringify(entry)
  const hex = createHash('sha256').update(`${kind}\0${own}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
