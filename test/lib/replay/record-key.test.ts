import { createHash } from 'node:crypto'
import { epochKeys, recordKeys, shardedKeys } from '../../../lib/replay/record-key.ts'
import { tokenUse } from './token-use.ts'

describe('the key of a record', () => {
  test('is a digest of issuer and id, a zero byte between them', () => {
    const digest = createHash('sha256').update('https://issuer.test\0id').digest('base64url')
    expect(recordKeys(tokenUse(), 'hashed').record).toBe(`oathmesh:replay:${digest}`)
  })

  test('differs where issuer and id only look alike when joined', () => {
    const one = recordKeys(tokenUse({ issuer: 'a', tokenId: 'bc' }), 'hashed')
    const other = recordKeys(tokenUse({ issuer: 'ab', tokenId: 'c' }), 'hashed')
    expect(one.record).not.toBe(other.record)
  })

  test('is the id itself in the form of upstream', () => {
    expect(recordKeys(tokenUse({ tokenId: 'a:{b}' }), 'jti').record).toBe('oathmesh:replay:a:{b}')
  })

  test('is never that of the epoch', () => {
    const { record, epoch } = recordKeys(tokenUse({ tokenId: 'epoch' }), 'jti')
    expect(epoch).toBe('oathmesh:replay:epoch')
    expect(record).not.toBe(epoch)
  })

  test('shares its tag with an epoch in a Cluster', () => {
    const epochs = epochKeys(true)
    for (let n = 0; n < 1000; n += 1) {
      const { record, epoch } = shardedKeys(tokenUse({ tokenId: `${n}` }))
      const [tag] = /\{..\}/.exec(record) ?? []
      expect(epoch).toBe(`oathmesh:replay:epoch:${tag}`)
      expect(epochs).toContain(epoch)
    }
    expect(new Set(epochs).size).toBe(256)
  })
})
