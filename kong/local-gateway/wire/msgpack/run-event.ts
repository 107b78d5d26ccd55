import type { Exchange } from './exchange.ts'
import { LuaError } from './lua-error.ts'
import { PDK_METHODS, type PdkEnvironment } from './pdk.ts'
import type { RpcClient } from './rpc-client.ts'

export type Phase = 'access' | 'log'

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

interface Step {
  readonly EventId: number
  readonly Data: 'ret' | { readonly Method: string; readonly Args: readonly unknown[] }
}

/**
 * Runs one phase of one instance: Kong's side of the loop in which the plugin server asks for PDK
 * calls until it answers `ret`. Ends early, without another frame, when a call has ended the request
 * or failed; the plugin server never hears of either. Rejects with `RpcError` or `LuaError`.
 */
export async function runPhase(
  rpc: RpcClient,
  instanceId: number,
  phase: Phase,
  exchange: Exchange,
  env: PdkEnvironment,
): Promise<void> {
  const event = { InstanceId: instanceId, EventName: phase }
  let step = (await rpc.call('plugin.HandleEvent', event)) as Step
  const { EventId } = step
  while (step.Data !== 'ret') {
    const { Method, Args } = step.Data
    const result = await callPdk(Method, Args, phase, exchange, env)
    if (phase === 'access' && exchange.exit !== undefined) return
    const answer = result === undefined || result === null ? { EventId } : { Data: result, EventId }
    step = (await rpc.call(STEP_METHODS[Method] ?? 'plugin.Step', answer)) as Step
  }
}

function callPdk(
  method: string,
  args: readonly unknown[],
  phase: Phase,
  exchange: Exchange,
  env: PdkEnvironment,
): unknown {
  const found = Object.hasOwn(PDK_METHODS, method) ? PDK_METHODS[method] : undefined
  if (found === undefined) {
    env.log('error', `could not find pdk method: ${method}`)
    return undefined
  }
  // The log phase runs in a timer, after the request, with no request to ask.
  if (phase === 'log' && !found.inLog) throw new LuaError(`${method}: no request found`)
  return found.run(exchange, args, env)
}
