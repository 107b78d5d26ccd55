import { PluginModule } from '../../../../plugins/pluginserver/plugin/plugin-module.ts'
import { InstanceTable } from '../../../../plugins/pluginserver/session/instance-table.ts'

const plugin = new PluginModule('tiny', __filename, { Plugin: class {} })

describe('InstanceTable', () => {
  test('drops an instance that was idle for more than a minute', () => {
    let now = 1000
    const instances = new InstanceTable({ now: () => now, maxId: 1000, idleMs: 60_000 })
    const { id } = instances.add(plugin, {})
    now += 60_000
    instances.sweep()
    expect(instances.get(id)).toBeDefined()
    now += 1
    instances.sweep()
    expect(instances.get(id)).toBeUndefined()
  })

  test('keeps an instance that is used', () => {
    let now = 1000
    const instances = new InstanceTable({ now: () => now, maxId: 1000, idleMs: 60_000 })
    const { id } = instances.add(plugin, {})
    for (let minute = 0; minute < 5; minute++) {
      now += 60_000
      expect(instances.use(id)).toBeDefined()
      instances.sweep()
    }
    expect(instances.of(plugin)).toHaveLength(1)
  })
})
