import { version } from '../package.json'

/** Where the version of `package.json` stands a second time, because what reads it there knows no other place. */
export const VERSION_PLACES: Readonly<Record<string, RegExp>> = {
  'sdk/python/pyproject.toml': /^(version = ")[^"]+/m,
  'sdk/python/src/oathmesh/__init__.py': /^(__version__ = ")[^"]+/m,
  'docker-compose.yml': /(image: oathmesh-(?:kong|issuer):)\S+/g,
}

/** A text with the version brought up to date. Throws when it has no place for one. */
export function withVersion(text: string, place: RegExp): string {
  if (text.search(place) < 0) throw new TypeError(`no version: ${place}`)
  return text.replace(place, `$1${version}`)
}
