import { queryPlugin } from '../../../kong/local-gateway/query-plugin.ts'
import { ENTITY_FIELDS } from '../../../schema/kong-entity.ts'
import { pluginCommands } from '../../../testkit/plugin-commands.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'
import { oddPluginServer } from './odd-plugin-server.ts'

const oathmesh = { name: 'oathmesh', config: BASE_CONFIG }
const odd = { name: 'oathmesh', config: { mode: 'plain' } }
const alice = { username: 'alice' }

describe('the local gateway refuses, as Kong does,', () => {
  test.each([
    ['names', { consumers: [alice], plugins: [{ ...oathmesh, consumer: 'alice' }] }],
    ['names by id', { plugins: [{ ...oathmesh, consumer: { id: 'a' } }] }],
    ['names beside a route', { plugins: [{ ...oathmesh, route: 'items', consumer: 'alice' }] }],
    ['stands in', { consumers: [{ ...alice, plugins: [oathmesh] }] }],
  ])('an entity that %s a consumer', async (_, more) => {
    const start = startOnLoopback({ entities: serviceWith({ '/items': null }, more) })
    await expect(start).rejects.toThrow(/^plugin oathmesh .*: consumer: value must be null$/)
  })

  test('protocols that are not HTTP', async () => {
    const plugins = [{ ...oathmesh, protocols: ['http', 'tcp'] }]
    const start = startOnLoopback({ entities: serviceWith({ '/items': null }, { plugins }) })
    await expect(start).rejects.toThrow(/protocols.*: expected one of: grpc, grpcs, http, https$/)
  })

  test('no entity that says what is so in any case', async () => {
    const plugins = [{ ...oathmesh, consumer: null, protocols: ['grpc', 'grpcs', 'http', 'https'] }]
    const gateway = await startOnLoopback({
      entities: serviceWith({ '/items': null }, { plugins }),
    })
    await gateway.stop()
  })

  test('and cannot play a consumer that a plugin lets through', async () => {
    const plugins = [{ ...odd, consumer: 'alice' }]
    const start = startOnLoopback({
      plugin: oddPluginServer,
      entities: serviceWith({ '/items': null }, { plugins }),
    })
    await expect(start).rejects.toThrow('plugins of a consumer are not supported here')
  })
})

test('the dump that Kong reads says what the plugin says of its entities', async () => {
  const { queryCommand } = pluginCommands('/nowhere', {})
  const { Schema } = await queryPlugin(queryCommand)
  expect(Schema.fields.slice(0, -1)).toEqual(ENTITY_FIELDS)
})
