import { readFileSync, writeFileSync } from 'node:fs'
import { sourcesModule } from './sources-module.ts'

// Run by `npm run generate`, after a change to one of the Lua files.
writeFileSync(
  new URL('sources.ts', import.meta.url),
  sourcesModule((name) => readFileSync(new URL(`${name}.lua`, import.meta.url), 'utf8')),
)
