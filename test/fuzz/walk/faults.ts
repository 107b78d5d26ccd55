import { setTimeout as sleep } from 'node:timers/promises'
import { body, document } from '../../../testkit/jwks-server.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { type Estate, JWKS, POLICY } from './estate.ts'
import { holdDown, PATIENT_MS } from './sentinel-patience.ts'

/** Something that breaks. What it breaks is whole again, or about to be, when it resolves. */
type Fault = (estate: Estate, chance: number) => Promise<void>

/** They end processes, so that nothing is known of their memory afterwards. */
export const KILLS: readonly string[] = ['server killed', 'worker killed']

/** Long enough for Redis to be called away, and for known tokens to be let in again. */
const OUTAGE_MS = 2500
const FAILOVER_MS = 30_000

export const FAULTS: Readonly<Record<string, Fault>> = {
  async 'server killed'(estate) {
    signal(estate.processes()[0], 'SIGKILL')
    await sleep(500)
  },
  async 'worker killed'(estate, chance) {
    signal(estate.processes()[chance < 0.5 ? 1 : 2], 'SIGKILL')
    await sleep(300)
  },
  async 'worker frozen'(estate, chance) {
    const pid = estate.processes()[chance < 0.5 ? 1 : 2]
    signal(pid, 'SIGSTOP')
    await sleep(200 + chance * 2500)
    signal(pid, 'SIGCONT')
  },
  async 'keys forgotten'(estate) {
    signal(estate.processes()[0], 'SIGHUP')
    await sleep(100)
  },
  async 'redis frozen'({ store }, chance) {
    store.now.signal('SIGSTOP')
    await sleep(50 + chance * 400)
    store.now.signal('SIGCONT')
  },
  async 'redis paused'({ store }, chance) {
    await store.now.cli('client', 'pause', String(Math.floor(50 + chance * 900)), 'all')
    await sleep(1000)
  },
  async 'redis full'({ store }, chance) {
    await store.now.cli('config', 'set', 'maxmemory', '1')
    await sleep(100 + chance * 900)
    await store.now.cli('config', 'set', 'maxmemory', '0')
  },
  async 'connections cut'({ store }) {
    await store.now.cli('client', 'kill', 'type', 'normal')
    await sleep(100)
  },
  async 'redis forgets'({ store }) {
    await store.now.cli('flushall')
    await sleep(100)
  },
  async 'redis away'({ store }) {
    store.now.signal('SIGSTOP')
    await sleep(OUTAGE_MS)
    store.now.signal('SIGCONT')
    await sleep(500)
  },
  async 'keys garbage'({ jwks }, chance) {
    const answers = [body('{"keys":[{]'), body('', 500), document({ keys: [] }), () => {}]
    jwks.answer = answers[Math.floor(chance * answers.length)] ?? jwks.answer
    await sleep(1500)
    jwks.cut()
    jwks.answer = document(JWKS)
  },
  async 'policy half written'(estate, chance) {
    estate.writePolicy(POLICY.slice(0, Math.floor(chance * POLICY.length)))
    await sleep(300)
    estate.writePolicy(POLICY)
    await sleep(300)
  },
  async 'policy gone'(estate) {
    estate.writePolicy(undefined)
    await sleep(300)
    estate.writePolicy(POLICY)
    await sleep(300)
  },
  async 'audit disk full'(estate, chance) {
    estate.setDisk('full')
    signal(estate.processes()[0], 'SIGHUP')
    await sleep(500 + chance * 1000)
    estate.checkAudit()
    estate.setDisk('empty')
    signal(estate.processes()[0], 'SIGHUP')
    await sleep(200)
  },
  async 'clock set'(estate, chance) {
    const steps = [-3600, -25, -10, 10, 25, 3600]
    estate.setClock(steps[Math.floor(chance * steps.length)] ?? 0)
    await sleep(500 + chance * 1500)
    estate.setClock(0)
  },
}

/** The master dies and comes back as a replica of the one that Sentinel has promoted, from its first moment on. */
export async function failOver({ redis, store }: Estate): Promise<void> {
  const { master, replica } = redis
  await holdDown(redis, 500)
  await master.kill()
  await until(async () => (await replica.cli('role')).startsWith('master'), FAILOVER_MS)
  store.now = replica
  const args = ['--replicaof', '127.0.0.1', String(replica.port)]
  store.back = await RedisServer.start({ from: master, args })
  await holdDown(redis, PATIENT_MS)
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended by itself.
  }
}
