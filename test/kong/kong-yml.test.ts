import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { nativeFunctions } from '../../kong/guard/native.ts'
import { startLocalGateway } from '../../kong/local-gateway/index.ts'
import { closeHttpCalls, httpCall } from '../support/http-call.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../support/stack.ts'

const FILE = resolve('kong/kong.yml')

describe('kong/kong.yml as it is', () => {
  test('runs, with its guard, and refuses a call without a token', async () => {
    const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-kong-yml-'))
    const gateway = await startLocalGateway({
      config: readFileSync(FILE, 'utf8'),
      nativeFunctions,
      pluginServer: {
        startCommand: [HARDENED_PLUGIN_SERVER, '-d', PLUGIN_FOLDER, '-p', prefix],
        queryCommand: [HARDENED_PLUGIN_SERVER, '-d', PLUGIN_FOLDER, '--dump-all-plugins'],
        socketPath: join(prefix, 'js_pluginserver.sock'),
      },
    })
    const { status, text } = await httpCall(gateway.url, { path: '/inventory' })
    closeHttpCalls()
    await gateway.stop()
    rmSync(prefix, { recursive: true, force: true })
    expect([status, JSON.parse(text)]).toEqual([
      401,
      expect.objectContaining({ error: 'claim_missing:token' }),
    ])
  })

  test('passes oathmesh kong lint', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      'dist/bin/oathmesh.cjs',
      'kong',
      'lint',
      FILE,
    ])
    expect(stdout).toContain('the guard covers 2 oathmesh entities')
  })
})
