import { readFileSync, writeFileSync } from 'node:fs'
import { regenerate } from '../docs/regenerate.ts'
import { dependencyTable } from './dependency-table.ts'

/** `npm run dependencies`: brings docs/dependencies.md up to date with what has just been built. */
const PAGE = 'docs/dependencies.md'

const page = readFileSync(PAGE, 'utf8')
writeFileSync(PAGE, regenerate(page, dependencyTable(page)))
