import { readinessOf } from '../../../lib/metrics/readiness.ts'

describe('readinessOf', () => {
  test.each([
    ['no instance', [], true, []],
    ['one that can decide', [[]], true, []],
    ['one that cannot', [['no keys']], false, ['no keys']],
    ['none of two', [['no keys'], ['no keys', 'no policy']], false, ['no keys', 'no policy']],
    ['one of two', [['no keys'], []], true, ['no keys']],
  ])('%s', (_about, instances, ready, reasons) => {
    expect(readinessOf(instances)).toEqual({ ready, reasons })
  })
})
