import { generateKeyPairSync } from 'node:crypto'
import { Planted } from '../../testkit/planted.ts'
import { SecretSearch } from '../../testkit/secret-search.mjs'

describe('the search of a whole run', () => {
  test('finds what is planted, and private keys, across chunks and in several streams', () => {
    const search = new SecretSearch()
    const secret = new Planted().plant('client secret')
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    search.take('a', `one ${secret.slice(0, 20)}`)
    search.take('b', 'another stream\n')
    search.take('a', `${secret.slice(20)} two ${secret}\n`)
    search.take('b', `${pem}\n`)
    expect([search.found, search.lines]).toEqual([3, 6])
  })

  test('finds nothing where nothing is', () => {
    const search = new SecretSearch()
    search.take(
      'a',
      'planted secrets are searched for\nPASS test/weaknesses/planted-secrets.test.ts\n',
    )
    expect([search.found, search.lines]).toEqual([0, 2])
  })
})
