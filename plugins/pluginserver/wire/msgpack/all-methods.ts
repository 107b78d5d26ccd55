import { instanceMethods } from './instance-methods.ts'
import { phaseMethods } from './phase-methods.ts'
import type { RpcContext, RpcMethod } from './rpc-method.ts'
import { serverMethods } from './server-methods.ts'

/** Every method that Kong may name. */
export function allMethods(context: RpcContext): readonly (readonly [string, RpcMethod])[] {
  return [...phaseMethods(context), ...instanceMethods(context), ...serverMethods(context)]
}
