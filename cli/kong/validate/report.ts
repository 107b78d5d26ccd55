import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import type { Fault } from './fault.ts'
import type { Validation } from './validate-entities.ts'

interface FileValidation extends Validation {
  readonly file: string
}

/** The faults for a reader, each with its place and what the field is for. */
export function validationAsText(
  { file, faults, oathmesh }: FileValidation,
  color: boolean,
): string {
  if (faults.length > 0) {
    const list = faults.map((fault) => block(file, fault, color)).join('\n')
    return `${list}\n${count(faults.length, 'fault')}\n`
  }
  return oathmesh === 0
    ? `${file}: no oathmesh entity\n`
    : `${file}: ${count(oathmesh, 'oathmesh entity', 'oathmesh entities')}, no fault\n`
}

/** The same for a program. */
export function validationAsJson({ file, oathmesh, faults }: FileValidation): string {
  return `${JSON.stringify({ file, oathmesh, faults }, null, 2)}\n`
}

function block(file: string, fault: Fault, color: boolean): string {
  const { path, line, entity, message, hint } = fault
  const paint = painter(color)
  return [
    `${paint('bold', `${file}:${line}`)} ${escapeControls(path)}: ${paint('red', message)}`,
    `  ${escapeControls(entity)}`,
    ...(hint === '' ? [] : [`  Hint: ${hint}`]),
    '',
  ].join('\n')
}
