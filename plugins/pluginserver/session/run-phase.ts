import Pdk from 'kong-pdk/pdk.js'
import type { PluginInstance } from './instance-table.ts'
import type { PhaseEvent } from './phase-event.ts'

/** Runs one phase that the plugin has to its end and tells the event how it went. Never rejects. */
export async function runPhase(
  { object }: PluginInstance,
  phase: string,
  event: PhaseEvent,
): Promise<void> {
  try {
    const run = object[phase]
    if (typeof run !== 'function') throw new TypeError(`${phase} is not a function`)
    await run.call(object, new Pdk(event).kong)
    event.end()
  } catch (cause) {
    event.fail(cause)
  }
}
