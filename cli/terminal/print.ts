import { escapeControls } from '../../lib/index.ts'
import type { Placed } from './place.ts'

type Style = 'bold' | 'red' | 'green' | 'yellow'
const CODES: Readonly<Record<Style, number>> = { bold: 1, red: 31, green: 32, yellow: 33 }

/** Text for a terminal, or for anything else, which gets no colour. Values never steer a terminal. */
export function painter(color: boolean): (style: Style, text: string) => string {
  return (style, text) => {
    const printable = escapeControls(text)
    return color ? `\u001b[${CODES[style]}m${printable}\u001b[0m` : printable
  }
}

/** `policy.json:12 rules[0].match: message`, as editors know how to jump to. */
export function placeText(file: string, { path, line, message }: Placed): string {
  const at = line === undefined ? file : `${file}:${line}`
  // Pkl explains itself in several lines; nothing else has any.
  const lines = message.split('\n').map(escapeControls).join('\n  ')
  return path === undefined ? `${at}: ${lines}` : `${at} ${escapeControls(path)}: ${lines}`
}

/** A number with the noun that goes with it. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

export function quoted(value: string | readonly string[] | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
