import { pathSegments } from '../../../lib/policy/path-segments.ts'
import { PATH_READERS } from '../../lib/policy/path-readers.ts'
import { type FuzzTarget, holds, text } from '../fuzz-target.ts'

/** The path of a request: what is read is what servers read, segment by segment. */
export const path: FuzzTarget = {
  name: 'path',
  seeds: ['/', '/items/7', '/items/7/', '/a%20b', '/%E2%82%AC', '/a;b', '/a//b', '/a/../b'].map(
    text,
  ),
  dictionary: [
    '/',
    '//',
    '%2f',
    '%5c',
    '..',
    '%2e',
    ';',
    '#',
    '?',
    '%00',
    '%25',
    '\\',
    '%E2%81%84',
  ],
  check(input) {
    const raw = input.toString('latin1')
    const segments = pathSegments(raw)
    if (segments === undefined) return
    for (const segment of segments) {
      holds(!/[/\\#?%\p{Cc}]/u.test(segment), 'a segment that some server parts')
      holds(segment !== '.' && segment !== '..', 'a dot segment')
    }
    const plain = `/${segments.join('/')}`
    for (const reader of ['whatwg', 'nginx'] as const) {
      holds(PATH_READERS[reader]?.(raw) === plain, `${reader} reads another path`)
    }
  },
}
