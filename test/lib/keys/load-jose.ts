import { join } from 'node:path'
import { buildSync } from 'esbuild'

/** jose as jest can take it: the package is ESM only, and jest loads CommonJS. */
export function loadJose(): typeof import('jose') {
  const { outputFiles } = buildSync({
    stdin: { contents: "export * from 'jose'", resolveDir: join(__dirname, '../../..') },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  })
  const module = { exports: {} }
  new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')(
    module,
    module.exports,
    require,
  )
  return module.exports as typeof import('jose')
}
