import { InstanceRegister } from '../../../plugins/pluginserver/workers/instance-register.ts'
import type { WorkerProcess } from '../../../plugins/pluginserver/workers/worker-process.ts'

test('the register keeps 4096 instances, the latest', () => {
  const register = new InstanceRegister(1, () => [])
  const origin = { send: () => {} } as unknown as WorkerProcess
  for (let at = 0; at < 5000; at++) register.announce(origin, at, 'oathmesh', '{}')
  const { all } = register
  const ids = all.kind === 'instances' ? all.instances.map(({ id }) => id) : []
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([4096, 905, 5000])
})
