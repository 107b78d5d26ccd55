import { Gathering, type Source } from '../../../lib/metrics/gathering.ts'
import { PromMeter } from '../../../lib/metrics/prom-meter.ts'

/** A process with so many verifications, one Redis and so many open requests. */
function processWith(verifications: number, { redisUp = 1, open = 0, lacks = [''] } = {}) {
  const meter = new PromMeter('kong')
  const redis = '127.0.0.1:6379'
  const count = meter.counter('oathmesh_verifications_total', {})
  count.add(verifications)
  meter.histogram('oathmesh_verification_duration_seconds', {}).observe(0.001)
  meter.gauge('oathmesh_redis_up', () => [[{ redis }, redisUp]])
  meter.gauge('oathmesh_open_events', () => [[{}, open]])
  const source: Source = {
    measure: async () => ({ figures: await meter.figures(), instances: [lacks] }),
  }
  return { source, count }
}

async function lineOf(gathering: Gathering, name: string): Promise<string | undefined> {
  const lines = (await gathering.exposition()).split('\n')
  return lines.find((line) => line.startsWith(name))
}

describe('Gathering', () => {
  test('sums counters and histograms, and shows the worst or the sum of gauges', async () => {
    const gathering = new Gathering()
    gathering.join(processWith(3, { redisUp: 1, open: 2 }).source)
    gathering.join(processWith(4, { redisUp: 0, open: 5 }).source)

    expect(await lineOf(gathering, 'oathmesh_verifications_total')).toMatch(/ 7$/)
    expect(await lineOf(gathering, 'oathmesh_verification_duration_seconds_count')).toMatch(/ 2$/)
    expect(await lineOf(gathering, 'oathmesh_redis_up')).toMatch(/ 0$/)
    expect(await lineOf(gathering, 'oathmesh_open_events')).toMatch(/ 7$/)
  })

  test('keeps what a process has counted when it has ended, and none of its gauges', async () => {
    const gathering = new Gathering()
    const first = processWith(3, { open: 2 })
    gathering.join(first.source)
    gathering.join(processWith(4, { open: 1 }).source)
    await gathering.exposition()
    gathering.leave(first.source)
    gathering.join(processWith(10).source)

    expect(await lineOf(gathering, 'oathmesh_verifications_total')).toMatch(/ 17$/)
    expect(await lineOf(gathering, 'oathmesh_verification_duration_seconds_count')).toMatch(/ 3$/)
    expect(await lineOf(gathering, 'oathmesh_open_events')).toMatch(/ 1$/)
  })

  test('never falls while processes come and go', async () => {
    const gathering = new Gathering()
    let before = 0
    for (let round = 0; round < 5; round++) {
      const { source, count } = processWith(1)
      gathering.join(source)
      count.add(round)
      const line = await lineOf(gathering, 'oathmesh_verifications_total')
      const total = Number(line?.split(' ')[1])
      expect(total).toBe(before + 1 + round)
      before = total
      gathering.leave(source)
    }
  })

  test('shows a process that does not answer as it was seen last', async () => {
    const gathering = new Gathering()
    const { source, count } = processWith(3)
    let silent = false
    gathering.join({ measure: () => (silent ? new Promise(() => {}) : source.measure()) })
    await gathering.exposition()
    silent = true
    count.add()

    expect(await lineOf(gathering, 'oathmesh_verifications_total')).toMatch(/ 3$/)
  })

  test('asks each process once for all who ask at the same time', async () => {
    const gathering = new Gathering()
    let asked = 0
    const { source } = processWith(1)
    gathering.join({
      measure: () => {
        asked += 1
        return source.measure()
      },
    })
    await Promise.all([gathering.exposition(), gathering.exposition(), gathering.measure()])

    expect(asked).toBe(1)
  })

  test('tells what the instances of all processes lack', async () => {
    const gathering = new Gathering()
    gathering.join(processWith(1, { lacks: ['keys'] }).source)
    gathering.join(processWith(1, { lacks: [] }).source)

    expect((await gathering.measure()).instances).toEqual([['keys'], []])
  })
})
