import { createServer } from 'node:http'
import { silentLog } from '../../lib/ports/log.ts'
import { ServiceVerifier } from '../../sdk/node/verify/service-verifier.ts'
import { listen } from '../listen.ts'
import { echoInto, type Seen } from '../seen.ts'
import { VECTOR_START } from '../vectors.ts'
import type { Implementation } from './implementation.ts'
import { runOverHttp } from './over-http.ts'
import { judgeByNode } from './signature-library.ts'

/** A service of `node:http` that verifies for itself; signatures are judged by the library under it. */
export const node: Implementation = {
  name: 'node',
  async run(bench) {
    const calls = await runOverHttp(bench, async (configurations) => {
      const ports = { clock: bench.clock, startedAt: VECTOR_START }
      const verifiers = new Map(
        Object.entries(configurations).map(([host, config]) => {
          return [host, new ServiceVerifier(config, { log: silentLog }, ports)] as const
        }),
      )
      const seen: Seen[] = []
      const service = echoInto(seen)
      const server = await listen(
        createServer((request, response) => {
          const verifier = verifiers.get(request.headers.host ?? '')
          if (verifier === undefined) response.writeHead(404).end()
          else verifier.node(request, response, () => service(request, response))
        }),
      )
      return {
        url: server.url,
        seen,
        async stop() {
          await server.stop()
          await Promise.all([...verifiers.values()].map((verifier) => verifier.close()))
        },
      }
    })
    return [...bench.signatures.map(judgeByNode), ...calls]
  },
}
