import type { Finding } from './finding.ts'
import type { LintResult } from './lint-guard.ts'

interface FileResult extends LintResult {
  readonly file: string
}

/** The findings for a reader, each with its place and what to do. */
export function reportAsText({ file, findings, oathmesh }: FileResult, color: boolean): string {
  if (findings.length > 0) {
    const list = findings.map((finding) => block(file, finding, color)).join('\n')
    return `${list}\n${count(findings.length, 'finding')}\n`
  }
  return oathmesh === 0
    ? `${file}: no oathmesh entity is enabled\n`
    : `${file}: the guard covers ${count(oathmesh, 'oathmesh entity', 'oathmesh entities')}\n`
}

/** The same for a program. */
export function reportAsJson(result: FileResult): string {
  return `${JSON.stringify(result, ['file', 'oathmesh', 'findings', 'code', 'path', 'line', 'entity', 'message', 'fix'], 2)}\n`
}

function block(file: string, finding: Finding, color: boolean): string {
  const { code, path, line, entity, message, fix } = finding
  const paint = (codes: string, text: string) => (color ? `\u001b[${codes}m${text}\u001b[0m` : text)
  return [
    `${paint('1', `${file}:${line}`)} ${path}: ${paint('31', code)}`,
    `  ${printable(entity)}`,
    `  ${printable(message)}`,
    `  Fix: ${fix}`,
    '',
  ].join('\n')
}

/** Names come from the file: none of them may steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '�')
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
