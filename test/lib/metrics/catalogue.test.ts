import { METRICS } from '../../../lib/metrics/catalogue.ts'
import type { MetricShape } from '../../../lib/metrics/metric-shape.ts'

/** What operators configure, or what we have a closed list of. A label that is not here needs a reason to be. */
const BOUNDED = new Set([
  ...['audience', 'issuer', 'redis', 'policy', 'sink', 'provider'],
  ...['outcome', 'step', 'reason', 'status', 'enforced', 'result', 'to', 'store', 'event'],
  ...['worker', 'quantile', 'version', 'role', 'wire', 'node', 'engine'],
])

describe.each(Object.entries<MetricShape>(METRICS))('%s', (name, { type, labels, help }) => {
  test('is named as Prometheus names metrics', () => {
    expect(name).toMatch(/^oathmesh_[a-z0-9_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(name.endsWith('_seconds')).toBe(type === 'histogram' || /_(age|lag|due)_/.test(name))
  })

  test('has labels that no caller chooses, and says what it is', () => {
    expect(labels.filter((label) => !BOUNDED.has(label))).toEqual([])
    expect(help).toMatch(/[.]$/)
  })
})
