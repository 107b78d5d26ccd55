import { fromJson, type JsonObject, toBinary } from '@bufbuild/protobuf'
import { StructSchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'

/** Tables as plugins send and Kong answers them: nested, with texts of one byte and of two as length. */
export const tables: fc.Arbitrary<JsonObject> = fc.letrec<{ table: JsonObject; value: unknown }>(
  (tie) => ({
    // A table in Lua has no nil, and JSON has neither NaN nor the negative zero.
    table: fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 60 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 6, noNullPrototype: true },
    ) as fc.Arbitrary<JsonObject>,
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.array(fc.oneof(fc.constant(null), tie('value')), { maxLength: 6 }),
      tie('table'),
    ),
  }),
).table

/** The bytes of a table as the library writes them. */
export function libraryBytes(table: JsonObject): Uint8Array {
  return toBinary(StructSchema, fromJson(StructSchema, table))
}
