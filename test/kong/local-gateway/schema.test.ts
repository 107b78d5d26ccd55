import {
  type EntityCheck,
  entityFields,
  type FieldList,
} from '../../../kong/local-gateway/kong-field.ts'
import { withDefaults } from '../../../kong/local-gateway/schema-defaults.ts'
import { schemaFaults } from '../../../kong/local-gateway/schema-faults.ts'

const text = { type: 'string' }

const FIELDS: FieldList = entityFields([
  { name: { type: 'string', required: true, len_max: 5 } },
  { level: { type: 'integer', between: [1, 9], default: 3 } },
  { mode: { type: 'string', one_of: ['a', 'b'], default: 'a' } },
  { note: { type: 'string', len_min: 0 } },
  { ratio: { type: 'number', gt: 0 } },
  { flag: { type: 'boolean' } },
  { secret: { type: 'string', len_min: 40, referenceable: true } },
  { list: { type: 'array', elements: text, len_min: 1 } },
  { kinds: { type: 'set', elements: { ...text, one_of: ['x', 'y'] }, default: [] } },
  { map: { type: 'map', keys: text, values: { type: 'integer' } } },
  {
    outer: {
      type: 'record',
      fields: [
        { inner: { type: 'record', fields: [{ on: { type: 'boolean', default: true } }] } },
        { bare: { type: 'record', fields: [{ x: text }] } },
      ],
    },
  },
  { lax: { type: 'record', required: false, fields: [{ must: { ...text, required: true } }] } },
  {
    items: {
      type: 'array',
      elements: {
        type: 'record',
        fields: [
          { id: { ...text, required: true } },
          { port: { type: 'integer', default: 80 } },
          { sub: { type: 'record', fields: [{ y: { type: 'integer', default: 1 } }] } },
        ],
      },
    },
  },
])

describe('defaults', () => {
  test('are filled in, with every record that is required', () => {
    expect(withDefaults(FIELDS, { name: 'n' })).toEqual({
      name: 'n',
      level: 3,
      mode: 'a',
      kinds: [],
      outer: { inner: { on: true }, bare: {} },
    })
  })

  test('reach the records of a list, but make none in them', () => {
    const items = [{ id: 'a' }, { id: 'b', port: 1, sub: {} }]
    expect(withDefaults(FIELDS, { items })).toMatchObject({
      items: [
        { id: 'a', port: 80 },
        { id: 'b', port: 1, sub: { y: 1 } },
      ],
    })
    expect(withDefaults(FIELDS, { items })).not.toHaveProperty('items.0.sub')
  })

  test('give way to null', () => {
    expect(withDefaults(FIELDS, { level: null })).not.toHaveProperty('level')
  })
})

describe('a configuration against its schema', () => {
  test.each([
    ['name missing', {}, 'name: required field missing'],
    ['a null', { name: null }, 'name: required field missing'],
    ['an unknown field', { nam: 'n', name: 'n' }, 'nam: unknown field'],
    ['another type', { name: 1 }, 'name: expected a string'],
    ['a fraction', { name: 'n', level: 1.5 }, 'level: expected an integer'],
    ['no list', { name: 'n', list: 'a' }, 'list: expected an array'],
    ['no table', { name: 'n', outer: [] }, 'outer: expected a record'],
    ['a value out of bounds', { name: 'n', level: 10 }, 'level: value should be between 1 and 9'],
    ['too small a value', { name: 'n', ratio: 0 }, 'ratio: value must be greater than 0'],
    ['another word', { name: 'n', mode: 'c' }, 'mode: expected one of: a, b'],
    ['too long a text', { name: 'nnnnnn' }, 'name: length must be at most 5'],
    ['an empty text', { name: '' }, 'name: length must be at least 1'],
    ['an empty list', { name: 'n', list: [] }, 'list: length must be at least 1'],
    ['a wrong element', { name: 'n', kinds: ['x', 'z'] }, 'kinds[2]: expected one of: x, y'],
    ['a null element', { name: 'n', list: [null] }, 'list[1]: required field missing'],
    ['a wrong value in a map', { name: 'n', map: { a: 'b' } }, 'map.a: expected an integer'],
    [
      'an unknown inner field',
      { name: 'n', outer: { inner: { off: 1 } } },
      'outer.inner.off: unknown field',
    ],
    [
      'an element without its field',
      { name: 'n', items: [{}] },
      'items[1].id: required field missing',
    ],
    ['a record without its field', { name: 'n', lax: {} }, 'lax.must: required field missing'],
  ])('is refused with %s', (_, config, fault) => {
    expect(schemaFaults(FIELDS, config)).toEqual([fault])
  })

  test('is accepted when it keeps all rules', () => {
    const secret = '{vault://env/secret}'
    const config = {
      name: 'n',
      note: '',
      ratio: 0.5,
      flag: false,
      secret,
      map: { a: 1 },
      level: null,
    }
    expect(schemaFaults(FIELDS, config)).toEqual([])
  })

  test('is missed in a record that Kong makes by itself', () => {
    const fields = entityFields([
      { r: { type: 'record', fields: [{ must: { type: 'string', required: true } }] } },
    ])
    expect(schemaFaults(fields, {})).toEqual(['r.must: required field missing'])
  })
})

describe('rules between fields', () => {
  const inner: FieldList = [{ a: text }, { b: text }, { n: { type: 'integer', default: 0 } }]
  const whole = entityFields([
    ...inner,
    { on: { type: 'boolean', default: false } },
    { mode: { type: 'string', default: 'x' } },
    { secret: { ...text, referenceable: true } },
    { list: { type: 'array', elements: { type: 'record', fields: inner } } },
    { r: { type: 'record', fields: inner } },
  ])
  const reference = '{vault://env/x}'
  const whenOn = { if_field: 'on', if_match: { eq: true } }
  const unset = { len_max: 0 }

  test.each<[string, EntityCheck, object, string[]]>([
    [
      'at_least_one_of',
      { at_least_one_of: ['a', 'r.b'] },
      {},
      ["at least one of these fields must be non-empty: 'a', 'r.b'"],
    ],
    [
      'at_least_one_of, met within a record',
      { at_least_one_of: ['a', 'r.b'] },
      { r: { b: 'x' } },
      [],
    ],
    [
      'only_one_of with none',
      { only_one_of: ['a', 'b'] },
      {},
      ["exactly one of these fields must be non-empty: 'a', 'b'"],
    ],
    [
      'only_one_of with two',
      { only_one_of: ['a', 'b'] },
      { a: 'x', b: 'y' },
      ["exactly one of these fields must be non-empty: 'a', 'b'"],
    ],
    [
      'only_one_of, for which false is something',
      { only_one_of: ['a', 'on'] },
      { a: 'x' },
      ["exactly one of these fields must be non-empty: 'a', 'on'"],
    ],
    [
      'distinct',
      { distinct: ['a', 'b'] },
      { a: 'x', b: 'x' },
      ["values of these fields must be distinct: 'a', 'b'"],
    ],
    ['distinct, of what is there', { distinct: ['a', 'b'] }, {}, []],
    [
      'mutually_required',
      { mutually_required: ['a', 'b'] },
      { a: 'x' },
      ["all or none of these fields must be set: 'a', 'b'"],
    ],
    [
      'mutually_exclusive',
      { mutually_exclusive: ['a', 'b'] },
      { a: 'x', b: 'y' },
      ["only one or none of these fields must be set: 'a', 'b'"],
    ],
    [
      'mutually_exclusive, without what no secret has yet',
      { mutually_exclusive: ['a', 'secret'] },
      { a: 'x', secret: reference },
      [],
    ],
    [
      'mutually_exclusive_sets',
      { mutually_exclusive_sets: { set1: ['a'], set2: ['b', 'r.a'] } },
      { a: 'x', r: { a: 'y' } },
      ["these sets are mutually exclusive: ('a'), ('r.a')"],
    ],
    [
      'conditional',
      { conditional: { ...whenOn, then_field: 'a', then_match: unset, then_err: 'no' } },
      { on: true, a: 'x' },
      ['no'],
    ],
    [
      'conditional, of no concern',
      { conditional: { ...whenOn, then_field: 'a', then_match: unset } },
      { a: 'x' },
      [],
    ],
    [
      'conditional, on what is missing',
      {
        conditional: { ...whenOn, then_field: 'a', then_match: { required: true }, then_err: 'no' },
      },
      { on: true },
      ["failed conditional validation given value of field 'on'"],
    ],
    [
      'conditional, in another record',
      {
        conditional: {
          if_field: 'mode',
          if_match: { one_of: ['y'] },
          then_field: 'r.n',
          then_match: { between: [1, 2] },
          then_err: 'n',
        },
      },
      { mode: 'y' },
      ['n'],
    ],
    [
      'conditional_at_least_one_of',
      {
        conditional_at_least_one_of: {
          ...whenOn,
          then_at_least_one_of: ['a', 'b'],
          then_err: 'one',
        },
      },
      { on: true },
      ['one'],
    ],
    [
      'conditional_at_least_one_of, otherwise',
      {
        conditional_at_least_one_of: {
          ...whenOn,
          then_at_least_one_of: ['a'],
          else_match: { ne: true },
          else_then_at_least_one_of: ['b'],
        },
      },
      {},
      ["at least one of these fields must be non-empty: 'b'"],
    ],
  ])('%s', (_, check, config, faults) => {
    const found = schemaFaults(whole, { ...config }, 'config.', [check])
    expect(found).toEqual(faults.map((fault) => `config.@entity: ${fault}`))
  })

  test('hold in the records of a list and of a record', () => {
    const checks = [{ mutually_required: ['a', 'b'] }]
    const record = { type: 'record', fields: inner, entity_checks: checks } as const
    const fields = entityFields([{ list: { type: 'array', elements: record } }, { r: record }])
    expect(schemaFaults(fields, { list: [{ a: 'x' }, {}], r: { b: 'y' } })).toEqual([
      "list[1].@entity: all or none of these fields must be set: 'a', 'b'",
      "r.@entity: all or none of these fields must be set: 'a', 'b'",
    ])
  })

  test('must name fields that there are', () => {
    const check = { conditional: { if_field: 'z', if_match: {}, then_field: 'a', then_match: {} } }
    expect(() => schemaFaults(whole, {}, '', [check])).toThrow(TypeError)
  })
})
