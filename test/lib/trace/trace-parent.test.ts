import { traceParentOf } from '../../../lib/trace/trace-parent.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const parsed = { traceId: TRACE, spanId: SPAN, sampled: true }

describe('traceparent', () => {
  test.each<[string, string, object | undefined]>([
    ['the first version', `00-${TRACE}-${SPAN}-01`, parsed],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, { ...parsed, sampled: false }],
    ['flags that later versions may set', `00-${TRACE}-${SPAN}-ff`, parsed],
    ['a later version, of the same length', `01-${TRACE}-${SPAN}-01`, parsed],
    ['a later version, with more', `cc-${TRACE}-${SPAN}-01-what-ever`, parsed],
    ['the first version with more', `00-${TRACE}-${SPAN}-01-x`, undefined],
    ['the version that is none', `ff-${TRACE}-${SPAN}-01`, undefined],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
    ['a digit too few', `00-${TRACE.slice(1)}-${SPAN}-01`, undefined],
    ['a digit too many', `00-${TRACE}0-${SPAN}-01`, undefined],
    ['no flags', `00-${TRACE}-${SPAN}`, undefined],
    ['space around it', ` 00-${TRACE}-${SPAN}-01`, undefined],
    ['a line break after it', `00-${TRACE}-${SPAN}-01\n`, undefined],
    ['a later version without a dash', `01-${TRACE}-${SPAN}-01x`, undefined],
    ['more than anybody needs', `01-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`, undefined],
    ['nothing', '', undefined],
  ])('reads %s', (_, value, expected) => {
    expect(traceParentOf([value])).toEqual(expected)
  })

  test('is none where there are two, or no header at all', () => {
    const value = `00-${TRACE}-${SPAN}-01`
    expect(traceParentOf([value, value])).toBeUndefined()
    expect(traceParentOf([])).toBeUndefined()
  })
})
