import { entityFaults } from '../../../kong/local-gateway/entity-faults.ts'
import { configFields, entityFields } from '../../../kong/local-gateway/kong-field.ts'
import { type PluginInfo, queryPlugin } from '../../../kong/local-gateway/query-plugin.ts'
import { pluginCommands } from '../../../testkit/plugin-commands.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { WRONG_CONFIGS } from '../../schema/wrong-configs.ts'

const sentBack = WRONG_CONFIGS.filter(({ refused }) => refused === 'upload')
const taken = WRONG_CONFIGS.filter(({ refused }) => refused === 'construction')

describe('what the plugin server tells Kong', () => {
  let schema: PluginInfo['Schema']
  beforeAll(async () => {
    schema = (await queryPlugin(pluginCommands('/nowhere', {}).queryCommand)).Schema
  })

  const faultsOf = (config: object) =>
    entityFaults(schema.fields, entityFields(configFields(schema.fields)), {
      id: 'a',
      name: 'oathmesh',
      config: { ...config },
      routeId: undefined,
      serviceId: undefined,
      scope: { consumer: undefined, protocols: undefined },
    })

  test.each(sentBack)('refuses $name when it is sent', ({ config }) => {
    const faults = faultsOf(config)
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.filter((fault) => !fault.startsWith('config.'))).toEqual([])
  })

  test.each(taken)('has no word against $name', ({ config }) => {
    expect(faultsOf(config)).toEqual([])
  })
})

test('the gateway takes none that Kong would send back', async () => {
  const [first] = sentBack.filter(({ config }) => 'audit' in config)
  const entities = serviceWith({ '/a': first?.config ?? null })
  await expect(startOnLoopback({ entities })).rejects.toThrow(
    /^plugin oathmesh .*: config\.audit\./,
  )
})

describe('what gets past Kong', () => {
  let gateway: Loopback
  beforeAll(async () => {
    const routes = Object.fromEntries(taken.map(({ config }, at) => [`/${at}`, config]))
    gateway = await startOnLoopback({ entities: serviceWith(routes) })
  })
  afterAll(() => gateway?.stop())

  test.each(taken.map((row, at) => ({ ...row, at })))('decides no request: $name', async (row) => {
    const { status } = await fetch(`${gateway.url}/${row.at}`)
    expect(status).toBeGreaterThanOrEqual(500)
    expect(gateway.seen).toEqual([])
  })
})
