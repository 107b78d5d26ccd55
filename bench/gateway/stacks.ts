import { createServer, type RequestListener } from 'node:http'
import { resolve } from 'node:path'
import { type Listening, listen } from '../../testkit/listen.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire } from '../../testkit/wires.ts'
import type { Route } from './routes.ts'

/** Gateways on loopback, one for each plugin server that the routes are behind. */
export interface Stacks {
  urlOf(route: Route): string
  pidOf(route: Route): number | undefined
  stop(): Promise<void>
}

const PLUGINS = {
  protobuf: onWire('protobuf'),
  msgpack: onWire('msgpack'),
  floor: { folder: resolve('bench/plugins') },
}

export async function startStacks(all: readonly Route[]): Promise<Stacks> {
  const opened = new Map<string, Loopback>()
  const stop = async () => {
    for (const each of opened.values()) await each.stop()
  }
  try {
    for (const [server, plugin] of Object.entries(PLUGINS)) {
      const routes = all.filter((route) => (route.server ?? 'floor') === server)
      if (routes.length === 0) continue
      const stack = await startOnLoopback({
        plugin,
        entities: (url) => entitiesOf(routes, url),
        upstream: answerOk,
      })
      opened.set(server, stack)
    }
  } catch (cause) {
    await stop()
    throw cause
  }
  const of = ({ server = 'floor' }: Route) => opened.get(server)
  return {
    urlOf: (route) => of(route)?.url ?? '',
    pidOf: (route) => (route.server === undefined ? undefined : of(route)?.pluginServer.pid),
    stop,
  }
}

/** One service and a route for each configuration, as a Kong's declarative configuration. */
export function entitiesOf(all: readonly Route[], upstreamUrl: string): object {
  const byPath = new Map(
    all.filter(({ status }) => status === 200).map((route) => [route.path, route]),
  )
  const routes = [...byPath.values()].map(({ path, config, server }) => ({
    name: path.slice(1),
    paths: [path],
    strip_path: false,
    plugins:
      config === undefined
        ? []
        : [
            {
              name: 'oathmesh',
              config: server === 'floor' ? config : { ...BASE_CONFIG, ...config },
            },
          ],
  }))
  return { services: [{ name: 'upstream', url: upstreamUrl, routes }] }
}

/** What a gateway elsewhere sends its calls to. */
export function startUpstream(port: number): Promise<Listening> {
  return listen(createServer(answerOk), port)
}

const answerOk: RequestListener = (request, response) => {
  request.resume()
  request.on('end', () => response.end('ok'))
}
