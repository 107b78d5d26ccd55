import { execFileSync } from 'node:child_process'
import { chmod, copyFile, rm, writeFile } from 'node:fs/promises'
import * as esbuild from 'esbuild'

/** Everything that ships is one file per entry point: nothing is resolved at run time but Node itself. */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  // Names stay as they are, for stack traces, which people read; what goes is half of the package's size. Never
  // `keepNames`: it names each closure when it is made, and took an eighth of a call's processor time.
  minifySyntax: true,
  minifyWhitespace: true,
  // Modules are called by their paths: those of this folder, wherever a link in it leads.
  preserveSymlinks: true,
}

/** By file, the folders of the packages of which it holds something. */
const bundled = {}

async function build(options) {
  const { metafile } = await esbuild.build({ ...options, metafile: true })
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    const folders = used.map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
    bundled[file] = [...new Set(folders.filter((folder) => folder !== undefined))].sort()
  }
}

await rm('dist', { recursive: true, force: true })

// Kong's loader takes every file of its folder for a plugin, so this folder holds one bundle.
await build({
  ...common,
  entryPoints: { oathmesh: 'plugins/oathmesh/index.ts' },
  outdir: 'dist/kong',
  outExtension: { '.js': '.cjs' },
})

await build({
  ...common,
  entryPoints: { oathmesh: 'cli/main.ts' },
  // Most of it are the libraries of the issuer and of Pkl, and only a bug in them shows a stack.
  minifyIdentifiers: true,
  outdir: 'dist/bin',
  outExtension: { '.js': '.cjs' },
})

await build({
  ...common,
  entryPoints: { 'oathmesh-pluginserver': 'plugins/pluginserver/main.ts' },
  outdir: 'dist/bin',
  outExtension: { '.js': '.cjs' },
})
await build({
  ...common,
  entryPoints: { 'oathmesh-envoy': 'envoy/main.ts' },
  // For gRPC's own channelz and orca services, which are off; it would double the size.
  external: ['@grpc/proto-loader'],
  outdir: 'dist/bin',
  outExtension: { '.js': '.cjs' },
})
await chmod('dist/bin/oathmesh-envoy.cjs', 0o755)

// Kong's start command runs the file itself.
await chmod('dist/bin/oathmesh-pluginserver.cjs', 0o755)

// The explorer's page: one script, one stylesheet, nothing from elsewhere.
await build({
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  entryPoints: { explorer: 'explorer/page/main.ts' },
  outdir: 'dist/explorer',
})
await build({
  bundle: true,
  minify: true,
  logLevel: 'warning',
  entryPoints: { explorer: 'explorer/page/explorer.css' },
  outdir: 'dist/explorer',
})
for (const file of ['index.html', 'icon.svg']) {
  await copyFile(`explorer/page/${file}`, `dist/explorer/${file}`)
}

await build({
  ...common,
  format: 'esm',
  entryPoints: { index: 'sdk/node/index.ts' },
  outdir: 'dist/client',
})

await build({
  ...common,
  format: 'esm',
  entryPoints: { index: 'sdk/node/verify/index.ts' },
  outdir: 'dist/verify',
  // What it is made of asks for Node's own modules in the older way.
  banner: {
    js: "import { createRequire as oathmeshRequire } from 'node:module'; const require = oathmeshRequire(import.meta.url);",
  },
})
// Their types are those of the sources they are made of.
for (const project of ['sdk/node/tsconfig.json', 'sdk/node/verify/tsconfig.json']) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', project])
}

// The licences of what is bundled ask for their text to go with it.
await writeFile('dist/bundled.json', `${JSON.stringify(bundled, null, 2)}\n`)
execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'release/write-licences.ts'])
