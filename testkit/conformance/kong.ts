import { serviceWith } from '../service-with.ts'
import { startOnLoopback } from '../start-on-loopback.ts'
import { onWire, type WireName } from '../wires.ts'
import type { Implementation } from './implementation.ts'
import { runOverHttp } from './over-http.ts'

/** The plugin as it ships, behind a gateway that speaks Kong's protocol. */
export function kong(wire: WireName): Implementation {
  return {
    name: `kong-${wire}`,
    run: (bench) =>
      runOverHttp(bench, (configurations) =>
        startOnLoopback({
          plugin: onWire(wire),
          entities: serviceWith(configurations),
          env: bench.clock.env,
        }),
      ),
  }
}
