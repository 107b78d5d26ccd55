import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

/** A process with a sealed file on its standard output and nothing else that listens for signals. */
const PROGRAM = `
  import { writeSync } from 'node:fs'
  import { SealedFile } from '${resolve('lib/audit/sealed-file.ts')}'
  const sink = { write: (line) => writeSync(1, line + '\\n') }
  const sealed = () => new SealedFile({ sink, key: Buffer.alloc(32, 1), clock: { now: () => 0 } })
  sealed()
  sealed()
  setInterval(() => {}, 1000)
`

describe('a sealed file', () => {
  test('says at SIGTERM how far it has come, and lets the signal end the process', async () => {
    const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      // Both chains have started.
      if (output.split('\n').length === 3) child.kill('SIGTERM')
    })
    const [code, signal] = await once(child, 'close')
    expect([code, signal]).toEqual([null, 'SIGTERM'])
    const events = output.trim().split('\n')
    expect(events.map((line) => JSON.parse(line).event)).toEqual([
      ...['chain_start', 'chain_start'],
      ...['chain_checkpoint', 'chain_checkpoint'],
    ])
  })
})
