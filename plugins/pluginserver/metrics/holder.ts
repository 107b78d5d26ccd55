import { request } from 'node:http'
import type { Address } from '../../../lib/ports/address.ts'

const TIMEOUT_MS = 1000
const MAX_BYTES = 1024

/** The plugin server that answers at an address of metrics; undefined for anybody else, and for silence. */
export function holderOf(
  address: Address,
): Promise<{ readonly pid: number; readonly startedByKong: boolean } | undefined> {
  return new Promise((resolve) => {
    const place =
      address.kind === 'unix'
        ? { socketPath: address.path }
        : { host: address.host, port: address.port }
    const asked = request({ ...place, path: '/healthz', timeout: TIMEOUT_MS, agent: false })
    const settle = (text: string) => {
      asked.destroy()
      const [, pid, kong] = /^ok oathmesh-pluginserver \S+ pid=(\d+) kong=(\w+)$/m.exec(text) ?? []
      resolve(pid === undefined ? undefined : { pid: Number(pid), startedByKong: kong === 'true' })
    }
    asked.on('timeout', () => settle(''))
    asked.on('error', () => settle(''))
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length > MAX_BYTES) settle('')
      })
      response.on('end', () => settle(text))
    })
    asked.end()
  })
}
