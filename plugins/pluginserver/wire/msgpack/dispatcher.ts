import type { RpcRequest } from './read-request.ts'
import type { Reply } from './reply.ts'
import type { RpcMethod, RpcParameter } from './rpc-method.ts'

const PHASE_METHOD = /^plugin\.(HandleEvent|Step[A-Za-z]*)$/

/** Whether a request of a client waits for the answer, so that the answer must not be an error. */
export function isPhaseMethod(method: string): boolean {
  return PHASE_METHOD.test(method)
}

/**
 * Runs the method that a request names. Only the methods of the tables can be named: not the members of
 * any object, and not the stock server's `SetPluginDir`, which loads code from any folder.
 */
export function dispatcher(
  table: readonly (readonly [string, RpcMethod])[],
): (request: RpcRequest, reply: Reply) => void {
  const methods = new Map(table)
  return ({ method, parameters }, reply) => {
    const run = methods.get(method)
    if (run !== undefined && parameters.length <= 1) return run(parameterOf(parameters[0]), reply)
    const fault = run === undefined ? `no such method: ${method}` : `wrong number of parameters`
    if (isPhaseMethod(method)) reply.refuse('unknown_method', fault)
    else reply.error(fault)
  }
}

function parameterOf(value: unknown): RpcParameter {
  return { value, members: isMap(value) ? value : {} }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
