import { execFile, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { auditTable } from '../../demo/audit-table.ts'
import { demoOptions } from '../../demo/demo-options.ts'
import { paste } from '../docs/paste.ts'

const ROOT = resolve(__dirname, '../..')

const TSX = join(ROOT, 'node_modules/.bin/tsx')

test.each([
  ['the stand-in for Kong', [], undefined],
  ['a real Envoy', ['--envoy'], 'envoy'],
])('the demo shows what it promises behind %s and ends by itself', async (_, flags, gateway) => {
  const { stdout } = await promisify(execFile)(TSX, ['demo/main.ts', ...flags], { cwd: ROOT })
  expect(stdout).not.toContain('✖')
  expect(stdout.match(/✔/g)).toHaveLength(9)
  for (const step of [13, 6, 8, 10, 14]) expect(stdout).toContain(`refused at step ${step}`)
  expect(stdout).toContain('\nAll as it should be.\n')
  expect(stdout).toContain('Next: "npm run demo -- --keep"')
  // The audit lines are those of the gateway that was asked for.
  const lines = stdout.match(/^ {4}\{"ts".*$/gm) ?? []
  expect(lines).toHaveLength(7)
  for (const line of lines) expect(JSON.parse(line).gateway).toBe(gateway)
  // No colour where nobody looks.
  expect(stdout).not.toContain('\u001b[')
})

test('without an Envoy the demo says what to do', async () => {
  const env = { ...process.env, ENVOY: '/nowhere/envoy' }
  const run = promisify(execFile)(TSX, ['demo/main.ts', '--envoy'], { cwd: ROOT, env })
  const said = expect.stringContaining('bash test/envoy/install-envoy.sh')
  await expect(run).rejects.toMatchObject({ code: 2, stdout: '', stderr: said })
})

test('a flag that is none is not passed over', () => {
  expect(() => demoOptions(['--envoi'])).toThrow("Unknown option '--envoi'")
})

test('with --keep, the commands that it prints work as pasted', async () => {
  const demo = spawn(TSX, ['demo/main.ts', '--keep'], { cwd: ROOT })
  let printed = ''
  await new Promise<void>((ready, failed) => {
    demo.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('Ctrl-C ends it.')) ready()
    })
    demo.once('exit', () => failed(new Error(printed)))
  })
  const [, block = ''] = /in this folder:\n\n(.*?)\n\nCtrl-C/s.exec(printed) ?? []
  const [environment = '', passes = '', refused = '', twice = ''] = block.split('\n')
  const run = (command: string) => {
    // As npm would find it: the program that was built.
    const line = command.replaceAll('npx oathmesh', 'oathmesh')
    return paste(`${environment.trim()}\n${line.trim()}`, { cwd: ROOT })
  }
  expect((await run(passes)).output).toContain('200 OK')
  expect((await run(refused)).output).toContain('the gateway refused it: 403')
  expect((await run(twice)).output).toMatch(/HTTP\/1.1 200.*HTTP\/1.1 401.*replay_detected/s)
  demo.kill('SIGTERM')
  await new Promise((ended) => demo.once('exit', ended))
})

test('for a person, audit lines are a table', () => {
  const line = JSON.stringify({
    ts: 'x',
    event: 'deny',
    step: 13,
    reason: 'jti_replay',
    act: 'a\u001b',
    us: 7,
  })
  expect(auditTable([line])).toEqual([
    'event  step  reason      act      rule  us',
    'deny   13    jti_replay  a\\u001b  -     7',
  ])
})
