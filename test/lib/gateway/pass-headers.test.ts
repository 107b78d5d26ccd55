import fc from 'fast-check'
import { ourHeaders } from '../../../lib/gateway/our-headers.ts'
import { type Pass, passHeaders } from '../../../lib/gateway/pass-headers.ts'

const ours = ourHeaders(['X-Account'])
const NAMES = [
  'x-oathmesh-subject',
  'x_oathmesh_subject',
  'x-oathmesh-decision',
  'x-account',
  'x_account',
  'authorization',
  'x-other',
]

describe('headers of a passing call', () => {
  test('are set or removed when they are ours, each once, and else left alone', () => {
    const received = fc.dictionary(fc.constantFrom(...NAMES), fc.constant(['Basic evil']))
    const set = fc.dictionary(
      fc.constantFrom('X-OathMesh-Subject', 'X-Account'),
      fc.constant('ours'),
    )
    const pass = fc.constantFrom<Pass>('allow', 'observe', 'anonymous')
    fc.assert(
      fc.property(pass, received, set, (as, seen, mine) => {
        const changes = passHeaders({ pass: as, received: seen, ours, set: mine })
        const touched = [...Object.keys(changes.set), ...changes.remove].map((name) =>
          name.toLowerCase(),
        )
        expect(touched).toHaveLength(new Set(touched).size)
        for (const name of Object.keys(seen)) {
          const stays = name === 'x-other' || (name === 'authorization' && as !== 'allow')
          expect([name, touched.includes(name)]).toEqual([name, !stays])
        }
        expect(changes.set).toMatchObject({ ...mine, 'X-OathMesh-Decision': as })
      }),
    )
  })

  test('keep of several credentials those that are not ours', () => {
    const received = { authorization: ['OathMesh a', 'Basic b', 'Digest c'] }
    const { set, remove } = passHeaders({ pass: 'observe', received, ours })
    expect(set).toMatchObject({ Authorization: ['Basic b', 'Digest c'] })
    expect(remove).toEqual([])
  })
})
