import type { Figures } from '../../../lib/metrics/figures.ts'
import { PromMeter } from '../../../lib/metrics/prom-meter.ts'

const valuesOf = (figures: Figures, name: string) =>
  figures.find((figure) => figure.name === name)?.values

describe('PromMeter', () => {
  test('counts what has the same labels in one place', async () => {
    const meter = new PromMeter('kong')
    const labels = { sink: 'host', result: 'written' }
    meter.counter('oathmesh_audit_lines_total', labels).add()
    meter.counter('oathmesh_audit_lines_total', { ...labels }).add(2)

    expect(valuesOf(await meter.figures(), 'oathmesh_audit_lines_total')).toEqual([
      { labels, value: 3 },
    ])
  })

  test('adds a total that is kept elsewhere to what it has counted itself', async () => {
    const meter = new PromMeter('envoy')
    meter.counter('oathmesh_degraded_passes_total', {}).add()
    meter.total('oathmesh_degraded_passes_total', () => [
      [{}, 2],
      [{}, 4],
    ])

    expect(valuesOf(await meter.figures(), 'oathmesh_degraded_passes_total')).toEqual([
      { labels: {}, value: 7 },
    ])
    expect(valuesOf(await meter.figures(), 'oathmesh_degraded_passes_total')).toEqual([
      { labels: {}, value: 7 },
    ])
  })

  test('shows the worst of several values that have the same labels', async () => {
    const meter = new PromMeter('kong')
    const issuer = 'https://issuer.example.test'
    meter.gauge('oathmesh_jwks_keys', () => [
      [{ issuer }, 3],
      [{ issuer }, 1],
    ])
    meter.gauge('oathmesh_jwks_age_seconds', () => [
      [{ issuer }, 3],
      [{ issuer }, 1],
    ])
    const figures = await meter.figures()

    expect(valuesOf(figures, 'oathmesh_jwks_keys')).toEqual([{ labels: { issuer }, value: 1 }])
    expect(valuesOf(figures, 'oathmesh_jwks_age_seconds')).toEqual([
      { labels: { issuer }, value: 3 },
    ])
  })

  test('shows no value of a gauge that nobody reads, and forgets one that is gone', async () => {
    const meter = new PromMeter('issuer')
    let due: readonly (readonly [object, number])[] = [[{}, 60]]
    meter.gauge('oathmesh_key_rotation_due_seconds', () => due)
    const shown = async () => valuesOf(await meter.figures(), 'oathmesh_key_rotation_due_seconds')

    expect(await shown()).toEqual([{ labels: {}, value: 60 }])
    due = []
    expect(await shown()).toEqual([])
  })

  test('keeps a distribution with bounds from 50 µs to a second', async () => {
    const meter = new PromMeter('kong')
    meter.histogram('oathmesh_step_duration_seconds', { step: 'keys' }).observe(0.00004)
    meter.histogram('oathmesh_step_duration_seconds', { step: 'keys' }).observe(2)
    const values = valuesOf(await meter.figures(), 'oathmesh_step_duration_seconds') ?? []
    const bucket = (le: string) =>
      values.find(({ labels }) => String(labels['le']) === le)?.value ?? Number.NaN

    expect(bucket('0.00005')).toBe(1)
    expect(bucket('1')).toBe(1)
    expect(bucket('+Inf')).toBe(2)
  })

  test('keeps nothing of a name that it does not know, or that is of another role', async () => {
    const meter = new PromMeter('issuer')
    const before = JSON.stringify(await meter.figures())
    meter.counter('oathmesh_verifications_total', {}).add()
    meter.counter('oathmesh_of_a_newer_plugin_total' as 'oathmesh_verifications_total', {}).add()
    meter.histogram('oathmesh_step_duration_seconds', { step: 'keys' }).observe(1)
    meter.gauge('oathmesh_instances', () => [[{}, 1]])

    expect(JSON.stringify(await meter.figures())).toBe(before)
  })
})
