import type { Log, Resources } from '../lib/index.ts'
import { Gathering, type Measurement, type Source } from '../lib/metrics/gathering.ts'
import { MetricsServer } from '../lib/metrics/metrics-server.ts'
import { meterProcess } from '../lib/metrics/process-figures.ts'
import { PromMeter } from '../lib/metrics/prom-meter.ts'
import { readinessOf } from '../lib/metrics/readiness.ts'
import { SnapshotMeter } from '../lib/metrics/snapshot-meter.ts'
import { unusableAddress } from '../lib/metrics/unusable-address.ts'
import type { Address } from '../lib/ports/address.ts'
import manifest from '../package.json' with { type: 'json' }
import type { NamedPolicies } from './named-policy.ts'

/** The figures of one process of this service. */
export class Metering implements Source {
  readonly meter = new PromMeter('envoy')
  #resources: SnapshotMeter | undefined
  #policies: NamedPolicies = new Map()

  /** `worker`: which of several processes this is. */
  constructor(worker: string) {
    const build = { version: manifest.version, role: 'envoy', wire: '' }
    meterProcess(this.meter, { build, worker })
  }

  /** Shows what these policies decide and hang on from now on. */
  watch(policies: NamedPolicies, resources: Resources): void {
    this.#policies = policies
    this.#resources = new SnapshotMeter(this.meter, () => resources.snapshot())
    this.meter.gauge('oathmesh_instances', () => [[{}, policies.size]])
    this.meter.gauge('oathmesh_workers', () => [[{}, 1]])
  }

  async measure(): Promise<Measurement> {
    this.#resources?.refresh()
    const figures = await this.meter.figures()
    return {
      figures,
      instances: [...this.#policies.values()].map(({ gateway }) => gateway.lacks()),
    }
  }
}

/** Serves what `gathering` has at an address. Rejects with a `TypeError` when it cannot be listened on. */
export async function serveMetrics(
  address: Address,
  gathering: Gathering,
  log: Log,
): Promise<MetricsServer> {
  const server = new MetricsServer({
    log,
    exposition: () => gathering.exposition(),
    readiness: async () => readinessOf((await gathering.measure()).instances),
    identity: `oathmesh-envoy ${manifest.version}`,
  })
  try {
    log.info('metrics are served', { at: await server.listen(address) })
    return server
  } catch (cause) {
    throw unusableAddress('--metrics', address, cause)
  }
}

/** One process alone serves its own figures. */
export function serveOwnMetrics(
  address: Address,
  metering: Metering,
  log: Log,
): Promise<MetricsServer> {
  const gathering = new Gathering()
  gathering.join(metering)
  return serveMetrics(address, gathering, log)
}
