import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type Listening, listen } from './listen.ts'

export interface DemoUpstream extends Listening {
  /** Headers of every request that got this far. */
  readonly seen: IncomingHttpHeaders[]
}

/** The service behind the gateway: it knows nothing of tokens and answers with the headers it got. */
export async function startUpstream(): Promise<DemoUpstream> {
  const seen: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(
      `${JSON.stringify({ youAre: request.headers['x-oathmesh-subject'], headers: request.headers }, null, 2)}\n`,
    )
  })
  return { ...(await listen(server)), seen }
}
