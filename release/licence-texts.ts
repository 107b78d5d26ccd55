import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BundledPackage, idOf } from './bundled-packages.ts'

const LICENCE_FILE = /^(?:licen[cs]e|copying)(?:[.-].*)?$/i
const NOTICE_FILE = /^notice(?:\..*)?$/i

/** The licences and notices of bundled packages, one after the other. */
export function licenceTexts(packages: readonly BundledPackage[]): string {
  const parts = packages.map((one) => `${idOf(one)} (${one.licence})\n\n${textOf(one)}\n`)
  return `${HEAD}\n${parts.map((part) => `${RULE}\n${part}`).join('\n')}`
}

const RULE = '-'.repeat(80)
const HEAD =
  'OathMesh for Kong is under the MIT licence (LICENSE). Its files hold code of these packages.\n'

function textOf({ folder, licence, name }: BundledPackage): string {
  const names = readdirSync(folder)
  const files = [LICENCE_FILE, NOTICE_FILE].flatMap((pattern) =>
    names.filter((file) => pattern.test(file)).toSorted(),
  )
  if (files.some((file) => LICENCE_FILE.test(file))) {
    return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
  }
  const { author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const holder = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`
  return `Licence ${licence}, by ${holder}; the package holds no text of it.`
}
