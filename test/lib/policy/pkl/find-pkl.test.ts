import { accessSync, constants } from 'node:fs'
import { findPkl } from '../../../../lib/policy/pkl/find-pkl.ts'

describe('the native Pkl', () => {
  test('is found where the package is installed', () => {
    expect(() => accessSync(findPkl(), constants.X_OK)).not.toThrow()
  })

  test('is found from the program that runs, when not from the bundle', () => {
    expect(findPkl(['/nowhere/bundle.cjs', undefined, __filename])).toBe(findPkl())
  })

  test('is asked for by the name of its package, when it is absent', () => {
    expect(() => findPkl(['/nowhere/bundle.cjs'])).toThrow(
      /^Pkl policies need the optional package @pkl-community\/pkl, which is not installed for/,
    )
  })
})
