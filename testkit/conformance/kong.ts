import { serviceWith } from '../service-with.ts'
import { startOnLoopback } from '../start-on-loopback.ts'
import { onWire, type WireName } from '../wires.ts'
import type { Implementation } from './implementation.ts'
import { runOverHttp } from './over-http.ts'

/** The plugin as it ships, behind a gateway that speaks Kong's protocol. */
export function kong(wire: WireName): Implementation {
  return {
    name: `kong-${wire}`,
    // nginx refuses such requests itself, and the router finds no route for what is not UTF-8.
    before: {
      'two headers': { status: 400 },
      'two headers of different schemes': { status: 400 },
      'another path with NUL': { status: 400 },
      'another path with incomplete encoding': { status: 400 },
      'another path with overlong UTF-8': { status: 404 },
    },
    tokensOnly: true,
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
