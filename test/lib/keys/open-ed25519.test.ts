import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { nodeCrypto } from '../../../lib/keys/ed25519.ts'
import { checkKnownSignatures } from '../../../lib/keys/known-signatures.ts'
import { openEd25519 } from '../../../lib/keys/open-ed25519.ts'
import { loadSodiumNative } from '../../../lib/keys/sodium-native.ts'
import { RecordingLog } from './fixture.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oathmesh-engine-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A package of that name beside a plugin, whose main file is this. */
function install(main: string): string {
  const place = join(folder, 'node_modules', 'sodium-native')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{"name":"sodium-native","main":"index.js"}')
  writeFileSync(join(place, 'index.js'), main)
  return join(folder, 'oathmesh.cjs')
}

function open(...from: (string | undefined)[]) {
  const log = new RecordingLog()
  return { name: openEd25519(log, () => loadSodiumNative(from)).name, log }
}

describe('the engine', () => {
  test('is libsodium where sodium-native is installed beside the plugin', () => {
    const installed = resolve('node_modules')
    for (const name of [
      'sodium-native',
      'require-addon',
      'which-runtime',
      'bare-addon-resolve',
      'bare-module-resolve',
      'bare-semver',
      'bare-assert',
    ]) {
      cpSync(join(installed, name), join(folder, 'node_modules', name), { recursive: true })
    }
    const { name, log } = open(join(folder, 'oathmesh.cjs'))
    expect(name).toBe('sodium-native')
    expect(log.lines).toEqual([])
  })

  test('is looked for beside the server as well', () => {
    const { name } = open(join(folder, 'oathmesh.cjs'), resolve('dist/bin/server.cjs'))
    expect(name).toBe('sodium-native')
  })

  test('is node:crypto, without a word, where nothing is installed', () => {
    const { name, log } = open(undefined, join(folder, 'oathmesh.cjs'))
    expect(name).toBe('node:crypto')
    expect(log.lines).toEqual([])
  })

  test.each([
    [
      'throws while it loads',
      'throw new Error("Cannot find addon\\nRequire stack:\\n- /x")',
      'Cannot find addon',
    ],
    ['is something else', 'module.exports = {}', 'it has no crypto_sign_verify_detached'],
    ['exports nothing', 'module.exports = null', 'it has no crypto_sign_verify_detached'],
    [
      'accepts whatever comes',
      'exports.crypto_sign_verify_detached = () => true',
      'it accepts a signature of another message',
    ],
    [
      'refuses whatever comes',
      'exports.crypto_sign_verify_detached = () => false',
      'it refuses a good signature',
    ],
    [
      'throws when it verifies',
      'exports.crypto_sign_verify_detached = () => { throw new Error("no") }',
      'no',
    ],
    [
      'multiplies by the cofactor',
      'exports.crypto_sign_verify_detached = (_, message) => message[1] === 0x82',
      'it accepts a signature that fits only eightfold',
    ],
  ])('is node:crypto, with a warning, when the package %s', (_, main, cause) => {
    const { name, log } = open(install(main))
    expect(name).toBe('node:crypto')
    expect(log.lines).toEqual([
      { level: 'warn', message: expect.stringContaining('install it anew'), fields: { cause } },
    ])
  })
})

test('node:crypto passes the test that engines have to pass', () => {
  expect(() => checkKnownSignatures(nodeCrypto)).not.toThrow()
})
