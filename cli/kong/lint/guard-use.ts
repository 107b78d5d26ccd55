import { type Recognized, recognize } from '../../../kong/guard/recognize.ts'
import type { PluginEntity } from '../entities/entities.ts'
import type { KongDocument } from '../entities/kong-document.ts'

const PHASES = ['certificate', 'rewrite', 'access', 'header_filter', 'body_filter', 'log']

/** The plugins that carry the guard, and which half of it. */
export const HALVES = { 'pre-function': 'first', 'post-function': 'last' } as const

export type GuardPlugin = keyof typeof HALVES

/** A function of the guard where it was found. */
export interface Found {
  readonly recognized: Recognized
  readonly phase: string
  readonly index: number
  /** How many functions the phase has. */
  readonly of: number
}

/** A pre- or post-function entity and what it carries of the guard. */
export interface GuardUse {
  readonly entity: PluginEntity
  readonly plugin: GuardPlugin
  readonly found: readonly Found[]
  /** Whether it does its half for the requests Kong chooses it for, however well. */
  readonly guards: boolean
}

/** What an entity carries of the guard; `undefined` for entities of other plugins. */
export function guardUse(entity: PluginEntity, document: KongDocument): GuardUse | undefined {
  const { name } = entity
  if (name !== 'pre-function' && name !== 'post-function') return undefined
  const found = PHASES.flatMap((phase) => {
    const sources = document.stringsIn(entity.config, [...entity.path, 'config'], phase)
    return sources.flatMap((source, index) => {
      const recognized = recognize(source)
      return recognized === undefined ? [] : [{ recognized, phase, index, of: sources.length }]
    })
  })
  const guards = found.some(
    ({ recognized, phase }) => phase === 'access' && recognized.name.endsWith(HALVES[name]),
  )
  return { entity, plugin: name, found, guards: guards && entity.enabled }
}
