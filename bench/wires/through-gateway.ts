import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES, type WireName } from '../../testkit/wires.ts'
import { type Subject, takeTurns, type WireFigures } from './take-turns.ts'
import type { Case } from './wire-cases.ts'

const TURNS = { rounds: 12, warmUp: 3, calls: 160 }

/** The same requests over HTTP: this process is client, local gateway and upstream, and sets the pace. */
export async function throughGateway({ sink, connections }: Case): Promise<readonly WireFigures[]> {
  const opened: Loopback[] = []
  try {
    const subjects: Subject[] = []
    for (const wire of WIRES) subjects.push(await open(wire))
    return await takeTurns(subjects, TURNS)
  } finally {
    closeHttpCalls()
    for (const each of opened) await each.stop()
  }

  async function open(wire: WireName): Promise<Subject> {
    const config = { ...BASE_CONFIG, audit: { sink } }
    const plugins = [{ name: 'oathmesh', config }]
    const gateway = await startOnLoopback({
      plugin: onWire(wire),
      entities: (url) => ({
        services: [{ name: 'up', url, routes: [{ name: 'all', paths: ['/'], plugins }] }],
      }),
      upstream: (_, response) => void response.end('ok'),
    })
    opened.push(gateway)
    return {
      wire,
      connections,
      serverPid: gateway.pluginServer.pid,
      async call(_, authorization) {
        const headers = ['Authorization', authorization]
        const { status } = await httpCall(gateway.url, { headers })
        if (status !== 200) throw new Error(`the benchmark was answered with ${status}`)
        return undefined
      },
    }
  }
}
