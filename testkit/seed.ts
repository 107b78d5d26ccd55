const USUAL = 20_261_126

/**
 * What the tests draw lots from: the same in every run, so that a build fails by what was changed and not by luck.
 * `OATHMESH_SEED` is another; the long forms, which look for what nobody has seen, take a new one each time.
 */
export function seedOfTests(): number {
  const { OATHMESH_SEED: given, OATHMESH_TIMES: long } = process.env
  if (given !== undefined) return Number(given)
  return long === undefined ? USUAL : Math.floor(Math.random() * 2 ** 31)
}
