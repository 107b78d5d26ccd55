import { readFileSync } from 'node:fs'
import { writeRelease } from './write-release.ts'

/** `npm run release`: a release of what has just been built. */
const FOLDER = 'dist/release'

writeRelease(FOLDER)
process.stdout.write(`${FOLDER}/SHA256SUMS\n${readFileSync(`${FOLDER}/SHA256SUMS`, 'utf8')}`)
