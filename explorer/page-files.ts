import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PageFile {
  readonly type: string
  readonly bytes: Buffer
}

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/explorer.css': ['explorer.css', 'text/css; charset=utf-8'],
  '/explorer.js': ['explorer.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
}

/** The page's files by path, from the folder that `npm run build` makes. Throws `TypeError` where it is not there. */
export function pageFiles(folder: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(folder)) {
    throw new TypeError(`expected the explorer's page in ${folder}, found nothing: npm run build`)
  }
  return new Map(
    Object.entries(FILES).map(([path, [file, type]]) => [
      path,
      { type, bytes: readFileSync(join(folder, file)) },
    ]),
  )
}

/** Nothing from elsewhere, nothing inline, no markup made from text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** On every answer of the explorer. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
