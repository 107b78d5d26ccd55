import { writeFileSync } from 'node:fs'
import { bundledPackages } from './bundled-packages.ts'
import { licenceTexts } from './licence-texts.ts'

/** What goes with every package: the licences of what is in its files. */
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licenceTexts(bundledPackages()))
