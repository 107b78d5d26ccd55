import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { stepFrame } from '../../../../../plugins/pluginserver/wire/msgpack/answer-frame.ts'

describe('stepFrame', () => {
  test.each([0, 127, 128, 255, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 47 + 1, Number.MAX_SAFE_INTEGER])(
    'carries the number %d in both places',
    (number) => {
      const frame = stepFrame(number, encode('ret'), number)
      expect(decode(frame)).toEqual([1, number, null, { Data: 'ret', EventId: number }])
    },
  )

  test('carries any message id, call and event', () => {
    const number = fc.maxSafeNat()
    fc.assert(
      fc.property(number, number, fc.string({ maxLength: 300 }), (messageId, EventId, text) => {
        const Data = { Method: 'kong.log.notice', Args: [text] }
        const frame = stepFrame(messageId, encode(Data), EventId)
        expect(decode(frame)).toEqual([1, messageId, null, { Data, EventId }])
      }),
    )
  })
})
