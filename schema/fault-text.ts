import type { ErrorObject } from 'ajv/dist/2020.js'
import { nearMiss } from './near-miss.ts'
import { withoutControls } from './without-controls.ts'

/** Far longer than any name we know, and short enough for a line of a log. */
const SHOWN_NAME = 64

/**
 * What is wrong: the path of the fault, a colon and words, on one line whatever the members are called, and without a
 * value. Unknown members get a hint when ajv runs with `verbose`. `undefined` for errors that only wrap others.
 */
export function faultText(error: ErrorObject): string | undefined {
  const { keyword, params, message } = error
  const path = fieldPath(error.instancePath)
  switch (keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty'])
      return `${join(path, name)}: unknown member${hint(name, error.parentSchema)}`
    }
    case 'required':
      return `${join(path, String(params['missingProperty']))}: required member missing`
    case 'enum':
      return `${path}: must be one of ${(params['allowedValues'] as string[]).join(', ')}${quotes(error)}`
    case 'const':
      return `${path}: must be ${JSON.stringify(params['allowedValue'])}`
    case 'if':
      return undefined
    case 'type':
      // What the values are says it better.
      if (error.parentSchema?.['enum'] !== undefined) return undefined
      return withPath(path, message)
    default:
      return withPath(path, message)
  }
}

function withPath(path: string, message: string | undefined): string {
  return `${path === '' ? 'document' : path}: ${message}`
}

/** YAML 1.1, which Kong reads, takes an unquoted `off` for `false`. */
function quotes({ data, params }: ErrorObject): string {
  const off = data === false && (params['allowedValues'] as string[]).includes('off')
  return off ? '; write "off" in quotes' : ''
}

function hint(name: string, parentSchema: ErrorObject['parentSchema']): string {
  if (name.length > SHOWN_NAME) return ''
  const near = nearMiss(name, Object.keys(parentSchema?.['properties'] ?? {}))
  return near === undefined ? '' : `; did you mean "${near}"?`
}

/** `/rules/0/match` as `rules[0].match`. */
function fieldPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '')
}

function join(path: string, name: string): string {
  return path === '' ? spelled(name) : `${path}.${spelled(name)}`
}

function spelled(name: string): string {
  if (name === '') return '""'
  return withoutControls(name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}…` : name)
}
