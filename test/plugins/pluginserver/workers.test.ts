import { readFileSync } from 'node:fs'
import { childrenOf } from '../../../testkit/children-of.ts'
import { KongLine } from './kong-line.ts'
import { type KongPeer, PEERS } from './kong-peer.ts'
import { bundleServer, ServerProcess, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
afterAll(() => folder.remove())

describe('with --workers 2', () => {
  let server: ServerProcess
  beforeEach(async () => {
    const flags = ['--wire', 'protobuf', '--workers', '2', '--drain-ms', '300']
    server = await ServerProcess.start(bundle, folder.path, 'faults', flags)
  })
  afterEach(() => server.stop('SIGTERM'))

  const connect = () => PEERS.protobuf(server.socketPath)
  const many = (count: number) => Promise.all(Array.from({ length: count }, connect))

  /** The processes that the server has started. */
  const workers = () => childrenOf(server.child.pid)

  /** Which worker a connection has come to. */
  async function workerOf(peer: KongPeer, id: number): Promise<string> {
    const { calls } = await peer.run(id)
    return String(calls[0]?.args[0])
  }

  test('an instance that one worker started is known to all before Kong hears its number', async () => {
    const peers = await many(8)
    for (const first of peers) {
      const id = await first.start('which')
      const seen = await Promise.all(peers.map((peer) => workerOf(peer, id)))
      expect(new Set(seen).size).toBe(2)
    }
    await Promise.all(peers.map((peer) => peer.close()))
  })

  test('connections are spread evenly, also those that come one by one', async () => {
    const [first] = await many(1)
    const id = (await first?.start('which')) ?? 0
    const counts = new Map<string, number>()
    const peers: KongPeer[] = []
    for (let index = 0; index < 20; index++) {
      const peer = await connect()
      peers.push(peer)
      const worker = await workerOf(peer, id)
      counts.set(worker, (counts.get(worker) ?? 0) + 1)
    }
    expect([...counts.values()].sort()).toEqual([10, 10])
    await Promise.all([...peers, ...(first ? [first] : [])].map((peer) => peer.close()))
  })

  test('a worker that is killed loses its own requests, and another takes its place', async () => {
    const peers = await many(4)
    const id = (await peers[0]?.start('which')) ?? 0
    const held = (await peers[0]?.start('hold')) ?? 0
    const seen = await Promise.all(peers.map((peer) => workerOf(peer, id)))
    const victim = seen[0] ?? ''
    for (const peer of peers) peer.begin(held)
    process.kill(Number(victim), 'SIGKILL')
    for (const [index, peer] of peers.entries()) {
      if (seen[index] !== victim) continue
      await expect(peer.outcome())
        .resolves.toMatchObject({ end: 'closed' })
        .catch(() => {})
      await peer.close()
    }
    await server.logged(/a worker ended, another one is started/)
    while (workers().length < 2 || workers().includes(Number(victim))) {
      await new Promise((soon) => setTimeout(soon, 20))
    }
    // Whoever connects now is served by a worker that knows the instances from before.
    const after = await many(6)
    const now = await Promise.all(after.map((peer) => workerOf(peer, id)))
    expect(now).not.toContain(victim)
    await Promise.all([...peers, ...after].map((peer) => peer.close()))
  })

  test('SIGHUP reaches every worker', async () => {
    server.child.kill('SIGHUP')
    await server.logged(/(?:info: SIGHUP[\s\S]*){3}/)
  })

  test('SIGTERM drains every worker and leaves no process behind', async () => {
    const pids = workers()
    const peers = await many(4)
    const echo = (await peers[0]?.start('echo')) ?? 0
    for (const peer of peers) peer.begin(echo)
    server.child.kill('SIGTERM')
    const ends = await Promise.all(peers.map((peer) => peer.outcome()))
    expect(ends.map(({ end }) => end)).toEqual(['ret', 'ret', 'ret', 'ret'])
    expect(await server.exited).toBe(0)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  })

  test('workers end with a parent that is killed', async () => {
    const pids = workers()
    expect(pids).toHaveLength(2)
    await server.stop('SIGKILL')
    const alive = () => pids.filter((pid) => isAlive(pid))
    while (alive().length > 0) await new Promise((soon) => setTimeout(soon, 20))
  })

  test('the status names the parent, whichever worker answers', async () => {
    for (let time = 0; time < 4; time++) {
      const line = await KongLine.connect(server.socketPath)
      expect(await line.call('plugin.GetStatus')).toMatchObject({ Pid: server.child.pid })
      await line.close()
    }
  })
})

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}

test.each([
  ['0', 'protobuf', /--workers must be a whole number from 1 to 128, not "0"/],
  ['1.5', 'protobuf', /not "1.5"/],
  ['many', 'protobuf', /not "many"/],
  ['129', 'protobuf', /not "129"/],
  ['2', 'msgpack', /--workers needs --wire protobuf: on msgpack the messages of one request/],
])('--workers %s on %s is refused', async (count, wire, message) => {
  const flags = ['--wire', wire, '--workers', count]
  const server = new ServerProcess(bundle, folder.path, 'faults', flags)
  expect(await server.exited).toBe(1)
  expect(server.output).toMatch(message)
})
