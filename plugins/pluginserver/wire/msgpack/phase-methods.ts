import { runPhase } from '../../session/run-phase.ts'
import { noInstance } from './instance-methods.ts'
import { type RpcContext, type RpcMethod, scalarText } from './rpc-method.ts'

type Outcome = (data: unknown) => readonly [value: unknown, error: unknown]

/**
 * The methods Kong calls while a request waits. They never answer with an error but for an unknown
 * instance, which makes Kong start it and try again: after any other error Kong would proxy the request on.
 */
export function phaseMethods({ instances, notices, turns }: RpcContext): [string, RpcMethod][] {
  const handleEvent: RpcMethod = ({ members: { InstanceId, EventName } }, reply) => {
    const instance = instances.use(InstanceId)
    if (instance === undefined) return reply.error(noInstance(InstanceId))
    const phase = scalarText(EventName)
    if (!instance.plugin.phases.includes(phase)) return reply.refuse('unknown_phase')
    const opened = turns.open(phase, { plugin: instance.plugin.name, instance: instance.id })
    opened.begin(reply)
    for (const call of notices.take()) opened.event.put(call)
    void runPhase(instance, phase, opened.event)
  }

  const step =
    (outcome: Outcome): RpcMethod =>
    ({ members: { EventId, Data } }, reply) => {
      const taken = turns.get(EventId)?.step(reply, outcome(Data)) ?? false
      if (!taken) reply.refuse('unknown_event')
    }
  const value = step((data) => [data, undefined])

  // biome-ignore format: reads as a table
  return [
    ['plugin.HandleEvent', handleEvent],
    ['plugin.Step', value],
    ['plugin.StepConsumer', value],
    ['plugin.StepCredential', value],
    ['plugin.StepMemoryStats', value],
    ['plugin.StepMultiMap', value],
    ['plugin.StepPlugin', value],
    ['plugin.StepRoute', value],
    ['plugin.StepService', value],
    ['plugin.StepError', step((error) => [undefined, error])],
  ]
}
