import { posix } from 'node:path'

/** What some server takes a request target for: a decoded path, or `undefined` where it refuses. */
export type PathReader = (target: string) => string | undefined

/** Up to the query. */
const pathOf = (target: string): string => target.split('?', 1).join()

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Each `%hh` a byte, wrong ones left as they are, bytes read leniently as UTF-8. */
const decodeLeniently = (text: string): string => {
  const bytes = Buffer.from(text).toString('latin1')
  const decoded = bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16))
  })
  return Buffer.from(decoded, 'latin1').toString()
}

/** RFC 3986, 5.2.4, over text in which slashes are the separators. */
const removeDots = (path: string): string => {
  const kept: string[] = []
  const parts = path.split('/').slice(1)
  parts.forEach((part, at) => {
    const dots = part === '.' || part === '..'
    if (part === '..') kept.pop()
    if (!dots) kept.push(part)
    else if (at === parts.length - 1) kept.push('')
  })
  return `/${kept.join('/')}`
}

const mergeSlashes = (path: string): string => path.replace(/\/{2,}/g, '/')
const withoutSlash = (path: string): string => path.replace(/(?!^)\/+$/, '')

/**
 * Models of how servers find the path of a request, each as small as what it stands for allows.
 * They are the adversary of the property test: what any of them may take a target for.
 */
export const PATH_READERS: Readonly<Record<string, PathReader>> = {
  /** WHATWG URL, 4.4: backslashes are slashes, tabs and line ends vanish, `%2e` is a dot, `#` ends the path. */
  whatwg(target) {
    if (!URL.canParse(target, 'http://upstream.example')) return undefined
    return decodeLeniently(new URL(target, 'http://upstream.example').pathname)
  },
  /** nginx, ngx_http_parse_complex_uri with merge_slashes: `#` ends the path, then decoded once, then dots. */
  nginx(target) {
    const path = pathOf(target).split('#', 1).join()
    if (!path.startsWith('/') || /%00|%(?![0-9a-f]{2})/i.test(path)) return undefined
    return removeDots(mergeSlashes(decodeLeniently(path)))
  },
  /** Express 4 and 5 with path-to-regexp: `i` flag, a slash at the end optional (`strict: false`). */
  express(target) {
    const path = pathOf(target).split('#', 1).join()
    return decode(withoutSlash(path.toLowerCase()))
  },
  /** Go's net/http ServeMux: `url.Parse`, then `cleanPath` of the decoded path. */
  goServeMux(target) {
    const decoded = decode(pathOf(target).split('#', 1).join())
    if (decoded === undefined || !decoded.startsWith('/')) return undefined
    const clean = posix.normalize(mergeSlashes(decoded))
    return clean
  },
  /** Servlet containers (Tomcat's CoyoteAdapter): `;parameters` cut per segment, decoded, dots removed. */
  servlet(target) {
    const cut = pathOf(target).replace(/;[^/]*/g, '')
    const decoded = decode(cut)
    return decoded === undefined ? undefined : removeDots(mergeSlashes(decoded))
  },
  /** The same with `%3B` decoded before parameters are cut, and Spring's suffix patterns. */
  servletDecodedFirst(target) {
    const decoded = decode(pathOf(target))
    if (decoded === undefined) return undefined
    const cut = removeDots(mergeSlashes(decoded.replaceAll('\\', '/').replace(/;[^/]*/g, '')))
    return withoutSlash(cut).replace(/(?<=[^/])\.[^./]*$/, '')
  },
  /** Python's urllib.parse: `urlsplit`, white space stripped, then `unquote_plus` as WSGI code has it. */
  pythonUrllib(target) {
    const stripped = target.replace(/[\t\r\n]/g, '').trim()
    const path = stripped
      .replace(/^https?:\/\/[^/?#]*/i, '')
      .split(/[?#]/, 1)
      .join()
    return decodeLeniently(path.replaceAll('+', ' '))
  },
  /** PHP behind Apache: decoded twice by application code, bytes after NUL lost to C strings. */
  phpDecodedTwice(target) {
    const path = decodeLeniently(decodeLeniently(pathOf(target)))
    return removeDots(mergeSlashes(path.split(/[\0?#]/, 1).join()))
  },
  /** IIS and files on Windows: no case, `\` a separator, dots and spaces at the end of names dropped, best fit. */
  iis(target) {
    const decoded = decode(pathOf(target))?.normalize('NFKC').replaceAll('\\', '/')
    if (decoded === undefined) return undefined
    const names = removeDots(mergeSlashes(decoded.toLowerCase())).split('/')
    return names.map((name) => name.replace(/[. ]+$/, '')).join('/')
  },
  /** Rack and Rails: decoded, slashes merged, none at the end, `.format` of the last segment apart. */
  rails(target) {
    const path = withoutSlash(mergeSlashes(decodeLeniently(pathOf(target))))
    return path.replace(/(?<=[^/])\.[A-Za-z0-9]+$/, '')
  },
  /** A reader that decodes and keeps everything else, case too: what a signature over a path sees. */
  caseKept: (target) => decode(pathOf(target)),
}

/** The target that says this path in the plainest way. */
export function plainTarget(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
