import { PLUGIN_FOLDER } from '../../testkit/plugin-commands.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import type { KongLine, Step } from '../plugins/pluginserver/kong-line.ts'
import {
  bundleServer,
  ServerProcess,
  temporaryFolder,
} from '../plugins/pluginserver/server-process.ts'

const folder = temporaryFolder()
let server: ServerProcess
let line: KongLine

beforeAll(async () => {
  const bundle = bundleServer(folder.path)
  // Only there is an answer that is none of the right type.
  const flags = ['--wire', 'msgpack']
  server = await ServerProcess.start(bundle, folder.path, PLUGIN_FOLDER, flags)
  line = await server.connect()
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})

const MODES: readonly [string, object][] = [
  ['enforce', {}],
  ['observe', { enforcement: 'observe' }],
  ['anonymous', { consumer: { by: 'subject' }, anonymous: 'nobody' }],
  ['a passed-on preflight', { run_on_preflight: false }],
]
const ANSWERS: readonly [string, object][] = [
  ['nil', {}],
  ['null', { Data: null }],
  ['false', { Data: false }],
  ['a number', { Data: 0 }],
  ['text', { Data: '' }],
  ['a list', { Data: [['authorization', 'Basic x']] }],
  ['a value that is no text', { Data: { authorization: [7] } }],
  ['a value that is missing', { Data: { 'x-oathmesh-subject': [null] } }],
]

/** What Kong answers to whatever else the plugin asks. */
const OTHERWISE: Readonly<Record<string, unknown>> = {
  'kong.request.get_method': 'OPTIONS',
  'kong.client.load_consumer': { id: 'c-0', username: 'nobody' },
}

describe.each(MODES)('an answer to get_headers that shows none, %s', (_, changes) => {
  test.each(ANSWERS)('%s is a fault, and refused', async (__, headers) => {
    const config = JSON.stringify({ ...BASE_CONFIG, ...changes })
    const parameter = { Name: 'oathmesh', Config: config }
    const { Id } = (await line.call('plugin.StartInstance', parameter)) as { Id: number }
    let step: Step = await line.begin(Id)
    const asked: string[] = []
    while (step.Data !== 'ret' && step.Data.Method !== 'kong.response.exit') {
      const { Method } = step.Data
      asked.push(Method)
      const answer =
        Method === 'kong.request.get_headers' ? headers : { Data: OTHERWISE[Method] ?? null }
      step = await line.step('plugin.Step', { EventId: step.EventId, ...answer })
    }
    expect(asked[0]).toBe('kong.request.get_headers')
    expect(step.Data).toMatchObject({
      Method: 'kong.response.exit',
      Args: [401, { error: 'verification_failed' }, expect.anything()],
    })
    expect(asked).not.toContain('kong.service.request.set_headers')
  })
})
