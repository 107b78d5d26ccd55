const TIMES = Number(process.env['OATHMESH_TIMES'] ?? 1)

/** So many runs of a property; `OATHMESH_TIMES` multiplies them for the long form. */
export function many(runs: number): number {
  return Math.ceil(runs * TIMES)
}
