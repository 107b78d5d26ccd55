import { LuaError } from '../../lua-error.ts'
import { hasPdk, runPdk } from '../../run-pdk.ts'
import type { PluginEvent } from '../wire.ts'

/** Which method carries the answer of which PDK call; everything else travels by `plugin.Step`. */
// biome-ignore format: reads as a table
const STEP_METHODS: Readonly<Record<string, string>> = {
  'kong.client.get_consumer': 'plugin.StepConsumer',
  'kong.client.load_consumer': 'plugin.StepConsumer',
  'kong.client.authenticate': 'plugin.StepCredential',
  'kong.client.get_credential': 'plugin.StepCredential',
  'kong.router.get_route': 'plugin.StepRoute',
  'kong.router.get_service': 'plugin.StepService',
  'kong.request.get_query': 'plugin.StepMultiMap',
  'kong.request.get_headers': 'plugin.StepMultiMap',
}

const RAW_BODY = 'kong.request.get_raw_body'

interface Step {
  readonly EventId: number
  readonly Data: 'ret' | { readonly Method: string; readonly Args: readonly unknown[] }
}

/** Sends one message and resolves with its result. */
type Call = (method: string, arg: unknown) => Promise<unknown>

/**
 * Kong's side of the loop in which the plugin server asks for PDK calls until it answers `ret`. Ends
 * early, without another frame, when a call has ended the request or failed; the plugin server never
 * hears of either.
 */
export async function runEvent(call: Call, event: PluginEvent): Promise<void> {
  const { instanceId, phase, exchange, env } = event
  let step = (await call('plugin.HandleEvent', {
    InstanceId: instanceId,
    EventName: phase,
  })) as Step
  const { EventId } = step
  while (step.Data !== 'ret') {
    const { Method, Args } = step.Data
    const result = await pdk(Method, Args)
    if (Method === RAW_BODY && result === undefined) {
      // Kong writes this one answer as binary, and has no way to write a nil as that.
      throw new LuaError(`${RAW_BODY}: the request body is on disk`)
    }
    if (phase === 'access' && exchange.exit !== undefined) return
    const answer = result === undefined || result === null ? { EventId } : { Data: result, EventId }
    step = (await call(STEP_METHODS[Method] ?? 'plugin.Step', answer)) as Step
  }

  function pdk(method: string, args: readonly unknown[]): unknown {
    if (hasPdk(method)) return runPdk(method, args, event)
    env.log('error', `could not find pdk method: ${method}`)
    return undefined
  }
}
