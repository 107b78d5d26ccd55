import type { KeyDirectory } from '../../issuer/index.ts'
import type { AuditSink, CountedSink } from '../../lib/audit/audit-sink.ts'
import { type Log, systemClock } from '../../lib/index.ts'
import { Gathering } from '../../lib/metrics/gathering.ts'
import type { Meter } from '../../lib/metrics/meter.ts'
import { MetricsServer } from '../../lib/metrics/metrics-server.ts'
import { meterProcess } from '../../lib/metrics/process-figures.ts'
import { PromMeter } from '../../lib/metrics/prom-meter.ts'
import { readinessOf } from '../../lib/metrics/readiness.ts'
import { unusableAddress } from '../../lib/metrics/unusable-address.ts'
import { parseAddress } from '../../lib/ports/address.ts'
import { version } from '../../package.json'
import type { IssuerConfig } from '../../schema/issuer-config.ts'
import { InputError } from '../terminal/input-error.ts'

const DAY_SECONDS = 86_400

interface Measured {
  readonly keys: KeyDirectory
  readonly audit: AuditSink
  readonly log: Log
}

export interface IssuerMetrics {
  readonly meter: Meter
  /** Rejects with `InputError` when the address cannot be listened on. */
  open(): Promise<void>
  /** From now on it is not ready. */
  drain(): void
  close(): void
}

/** The figures of an issuer, where its configuration asks for them. Throws `TypeError` for a wrong address. */
export function issuerMetrics(
  { metrics }: IssuerConfig,
  { keys, audit, log }: Measured,
): IssuerMetrics | undefined {
  if (metrics === undefined) return undefined
  const address = parseAddress('metrics.listen', metrics.listen)
  const meter = new PromMeter('issuer')
  meterProcess(meter, { build: { version, role: 'issuer', wire: '' }, worker: '0' })
  meter.gauge('oathmesh_key_rotation_due_seconds', () =>
    dueIn(keys, metrics.rotation_days * DAY_SECONDS).map((seconds) => [{}, seconds]),
  )
  if ('status' in audit) meterSink(meter, audit as CountedSink)
  const lacks = () =>
    keys.schedule.signing(systemClock.now() / 1000) === undefined ? ['no signing key'] : []
  const gathering = new Gathering()
  gathering.join({
    measure: async () => ({ figures: await meter.figures(), instances: [lacks()] }),
  })
  const server = new MetricsServer({
    log,
    exposition: () => gathering.exposition(),
    readiness: async () => readinessOf([lacks()]),
    identity: `oathmesh-issuer ${version}`,
  })
  return {
    meter,
    async open() {
      try {
        log.info('metrics are served', { at: await server.listen(address) })
      } catch (cause) {
        throw new InputError(unusableAddress('metrics.listen', address, cause).message, { cause })
      }
    },
    drain: () => server.drain(),
    close: () => server.close(),
  }
}

function meterSink(meter: PromMeter, sink: CountedSink): void {
  meter.total('oathmesh_audit_lines_total', () => {
    const { sink: name, written, dropped } = sink.status
    return [
      [{ sink: name, result: 'written' }, written],
      [{ sink: name, result: 'dropped' }, dropped],
    ]
  })
}

/** Seconds until the newest key is this old; none for a key whose name does not tell when it became active. */
function dueIn({ schedule }: KeyDirectory, ageSeconds: number): readonly number[] {
  const now = systemClock.now() / 1000
  const newest = schedule.states(now).at(-1)?.key.activeAt ?? 0
  return newest === 0 ? [] : [newest + ageSeconds - now]
}
