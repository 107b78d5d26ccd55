import { randomUUID } from 'node:crypto'
import { escapeControls, type Log } from '../../../lib/index.ts'
import type { PluginModule, PluginObject } from '../plugin/plugin-module.ts'
import { causeMessage } from './cause-text.ts'
import { REFUSABLE } from './refusal.ts'
import { type OnRefusal, REFUSAL_TEXTS } from './refusal-reason.ts'

/** Kong cuts a line of its log off at 4 kB. */
const MAX_LINE = 1500
const MAX_LINES = 40

const FAULTY = new WeakSet<PluginObject>()

/** Whether this stands in for a plugin whose constructor threw. */
export function isFaulty(object: PluginObject): boolean {
  return FAULTY.has(object)
}

interface FaultyKong {
  readonly log: { err(line: string): unknown }
  readonly response: { exit(status: number, body: object, headers: object): unknown }
}

/**
 * Stands in for a plugin whose constructor threw, where Kong cannot be told so: every request is refused
 * with 500, as Kong itself does on MessagePack, and Kong's log says why, a line for every fault.
 */
export function faultyPlugin(
  { name, phases }: PluginModule,
  cause: unknown,
  onRefusal?: OnRefusal,
): PluginObject {
  const faults = linesOf(cause)
  const run = (phase: string) => (kong: FaultyKong) => {
    const requestId = randomUUID()
    for (const fault of faults) kong.log.err(`[oathmesh-pluginserver] ${name}: ${fault}`)
    kong.log.err(
      `[oathmesh-pluginserver] ${name}: ${REFUSAL_TEXTS.wrong_configuration}, request_id=${requestId}`,
    )
    if (!REFUSABLE.has(phase)) return
    onRefusal?.('wrong_configuration')
    const body = { message: 'An unexpected error occurred', request_id: requestId }
    kong.response.exit(500, body, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    })
  }
  const lacks = () => [`an instance of ${name}: ${REFUSAL_TEXTS.wrong_configuration}`]
  const stand = { ...Object.fromEntries(phases.map((phase) => [phase, run(phase)])), lacks }
  FAULTY.add(stand)
  return stand
}

/** Constructs the plugin, or what stands in for it. Never throws. */
export function startAnyway(
  plugin: PluginModule,
  config: string,
  { log, onRefusal }: { readonly log: Log; readonly onRefusal?: OnRefusal | undefined },
): PluginObject {
  try {
    return plugin.start(JSON.parse(config))
  } catch (cause) {
    log.error('an instance could not be started, its requests are refused', {
      plugin: plugin.name,
      cause: causeMessage(cause),
    })
    return faultyPlugin(plugin, cause, onRefusal)
  }
}

/** A plugin may list its faults in a member of what it throws: then each has a line of its own. */
function linesOf(cause: unknown): string[] {
  const { faults } = (cause ?? {}) as { readonly faults?: unknown }
  const lines = Array.isArray(faults) ? faults.map(String) : causeMessage(cause).split('\n')
  return lines
    .filter((line) => line.trim() !== '')
    .slice(0, MAX_LINES)
    .map((line) => escapeControls(line.trim().slice(0, MAX_LINE)))
}
