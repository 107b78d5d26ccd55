import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFile,
  spawn,
} from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { ExplorerClient } from '../explorer/explorer-client.ts'

const PROGRAM = resolve('dist/bin/oathmesh.cjs')

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-first-'))
const running: ChildProcess[] = []
afterAll(async () => {
  await Promise.all(running.map(ended))
  rmSync(folder, { recursive: true, force: true })
})

/** From an empty folder to a call that one's own issuer has allowed, with the built programs. */
describe('the first minutes', () => {
  let gateway = ''

  beforeAll(async () => {
    await oathmesh('init', '--issuer-port', String(await freePort()))
    await started(['serve', '--config', 'issuer.yaml'], /listens on/)
    const line = await started(
      ['kong', 'try', 'kong.yml', '--echo', '--port', '0'],
      /listening on /,
    )
    gateway = /http:\S+/.exec(line)?.[0] ?? ''
  })

  test('end with a call that is allowed', async () => {
    const { stdout, code } = await asCaller(['curl', `${gateway}/items`])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      url: '/items',
      headers: { 'x-oathmesh-decision': 'allow', 'x-oathmesh-subject': 'svc://first/laptop' },
    })
    expect(stdout).not.toContain('authorization')
  })

  test('show a refusal with its reason', async () => {
    const { stderr, code } = await asCaller([
      'curl',
      '--explain',
      '--aud',
      'https://other',
      `${gateway}/items`,
    ])
    expect(code).toBe(1)
    expect(stderr).toContain('the issuer gave no token: 403 mint_denied')
  })

  test('work with any client by a token of the command line', async () => {
    const { stdout } = await asCaller(['token'])
    const authorization = `OathMesh ${stdout.trim()}`
    const call = () => fetch(`${gateway}/items`, { headers: { authorization } })
    expect([(await call()).status, (await call()).status]).toEqual([200, 401])
  })

  test('can be seen step by step', async () => {
    const [block] = fencedBlocks('docs/explorer.md', 'sh own')
    const [, ...args] = (block?.text.trim().split('\n')[1] ?? '').split(' ')
    expect(args).toContain('http://127.0.0.1:8000/items')
    const own = [...args.slice(0, -1), `${gateway}/items`]
    const address = /http:\S+/.exec(await startedAsCaller(own, /^open /))?.[0] ?? ''
    const explorer = new ExplorerClient(address)
    const { plays, gateways, wanted } = await explorer.scenery()
    // Nothing of somebody's own is killed.
    expect(plays.map(({ id }) => id)).toEqual(['call', 'replay', 'tamper'])
    const play = (id: string) => explorer.play({ play: id, gateway: gateways[0]?.id, wanted })
    const allowed = await play('call')
    expect(allowed).toMatchObject({ outcome: 'allow', upstreamReached: true })
    expect(allowed.upstream).toContainEqual(['x-oathmesh-subject', 'svc://first/laptop'])
    expect(allowed.gates.map(({ outcome }) => outcome)).toEqual(Array(14).fill('passed'))
    expect(await play('replay')).toMatchObject({
      outcome: 'deny',
      headline: 'Refused at step 13. The token has been used before.',
      upstreamReached: false,
    })
    expect((await play('tamper')).headline).toContain('at step 6')
    const refused = await explorer.play({
      ...{ play: 'call', gateway: gateways[0]?.id },
      wanted: { ...wanted, act: 'payments.refund' },
    })
    expect(refused).toMatchObject({ outcome: 'not_minted', upstreamReached: false })
    expect(refused.mintRefusal).toContain('mint_denied')
  })

  test('go on with a second file that cannot be run, and say why', async () => {
    writeFileSync(
      join(folder, 'wrong.yml'),
      '_format_version: "3.0"\nplugins: [{ name: oathmesh }]\n',
    )
    const { stderr, code } = await oathmesh('kong', 'try', 'wrong.yml', '--port', '0')
    expect(code).toBe(2)
    expect(stderr).toContain('wrong.yml: ')
  })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function oathmesh(...args: readonly string[]): Promise<Ended> {
  return run(process.execPath, [PROGRAM, ...args])
}

/** With the environment that `init` has written for callers. */
function asCaller(args: readonly string[]): Promise<Ended> {
  return run('sh', ['-c', '. ./caller.env; exec "$0" "$@"', process.execPath, PROGRAM, ...args])
}

function run(file: string, args: readonly string[]): Promise<Ended> {
  return new Promise((done) => {
    execFile(file, args, { cwd: folder, timeout: 30_000 }, (cause, stdout, stderr) => {
      done({ code: Number(cause?.code ?? 0), stdout, stderr })
    })
  })
}

/** The same with the environment of a caller, whose shell it replaces. */
function startedAsCaller(args: readonly string[], ready: RegExp): Promise<string> {
  const script = '. ./caller.env; exec "$0" "$@"'
  return goingOn(
    spawn('sh', ['-c', script, process.execPath, PROGRAM, ...args], { cwd: folder }),
    ready,
  )
}

/** Starts a command that goes on, and gives the line of its output that says that it is there. */
function started(args: readonly string[], ready: RegExp): Promise<string> {
  return goingOn(spawn(process.execPath, [PROGRAM, ...args], { cwd: folder }), ready)
}

function goingOn(child: ChildProcessWithoutNullStreams, ready: RegExp): Promise<string> {
  running.push(child)
  let output = ''
  return new Promise((found, failed) => {
    const look = (chunk: Buffer) => {
      output += chunk.toString()
      const line = output.split('\n').find((text) => ready.test(text))
      if (line !== undefined) found(line)
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    child.once('exit', () => failed(new Error(output)))
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  await new Promise((gone) => {
    child.once('exit', gone)
    child.kill('SIGTERM')
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

test('the files are where the next steps name them', () => {
  expect(readFileSync(join(folder, 'caller.env'), 'utf8')).toContain(
    'OATHMESH_ISSUER=http://127.0.0.1:',
  )
})
