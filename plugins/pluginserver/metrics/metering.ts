import { offeredSnapshot } from '../../../lib/index.ts'
import type { Measurement, Source } from '../../../lib/metrics/gathering.ts'
import { meterProcess } from '../../../lib/metrics/process-figures.ts'
import { PromMeter } from '../../../lib/metrics/prom-meter.ts'
import type { Lacks } from '../../../lib/metrics/readiness.ts'
import { SnapshotMeter } from '../../../lib/metrics/snapshot-meter.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { causeMessage } from '../session/cause-text.ts'
import type { PluginInstance } from '../session/instance-table.ts'
import type { OnRefusal } from '../session/refusal-reason.ts'
import type { SessionHost } from '../session-host.ts'

export interface MeteringOptions {
  readonly wire: string
  /** Which of the server's processes this is. */
  readonly worker: string
}

/** The figures of one process of this server, and of the plugins in it. */
export class Metering implements Source {
  readonly meter = new PromMeter('kong')
  readonly #hosts: SessionHost[] = []
  readonly #plugins = new SnapshotMeter(this.meter, offeredSnapshot)

  constructor({ wire, worker }: MeteringOptions) {
    meterProcess(this.meter, { build: { version: manifest.version, role: 'kong', wire }, worker })
  }

  readonly onRefusal: OnRefusal = (reason) => {
    this.meter.counter('oathmesh_server_refusals_total', { reason }).add()
  }

  /** Shows the requests and instances of this host from now on. */
  watch(host: SessionHost): void {
    this.#hosts.push(host)
    this.meter.gauge('oathmesh_open_events', () => [[{}, host.openEvents]])
    this.meter.gauge('oathmesh_instances', () => [[{}, [...host.instances.all].length]])
  }

  async measure(): Promise<Measurement> {
    this.#plugins.refresh()
    const figures = await this.meter.figures()
    return { figures, instances: this.#hosts.flatMap((host) => lacksOf(host.instances.all)) }
  }
}

function lacksOf(instances: Iterable<PluginInstance>): readonly Lacks[] {
  return Array.from(instances, ({ object, plugin: { name } }) => {
    const { lacks } = object
    // A plugin that does not say it is not ours to judge.
    if (typeof lacks !== 'function') return []
    try {
      const said: unknown = lacks.call(object)
      return Array.isArray(said) ? said.map(String) : []
    } catch (cause) {
      return [`an instance of ${name} cannot say how it is: ${causeMessage(cause)}`]
    }
  })
}
