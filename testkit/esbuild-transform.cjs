const { transformSync } = require('esbuild')

/** Compiles tests with the compiler that makes the bundle; also turns ESM packages into CommonJS. */
module.exports = {
  process(source, filename) {
    const { code, map } = transformSync(source, {
      loader: filename.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'both',
      sourcefile: filename,
      supported: { 'dynamic-import': false },
      logOverride: { 'empty-import-meta': 'silent' },
    })
    return { code, map }
  },
}
