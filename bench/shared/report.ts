import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { thisMachine } from './machine.ts'
import type { Spread } from './statistics.ts'

const FOLDER = 'bench/results'

export interface Row {
  readonly name: string
  readonly figures: Readonly<Record<string, Spread | number | string>>
}

/** What a figure must not exceed, or not fall below. */
export interface Threshold {
  readonly about: string
  readonly found: number
  readonly atMost?: number
  readonly atLeast?: number
}

/**
 * One run of one command: prints tables as they come, in the end what was to be shown, and writes all of it as
 * JSON with versions, processor and method to `bench/results`. A threshold that is missed fails the command.
 */
export class Report {
  readonly #name: string
  readonly #method: string
  readonly #machine = thisMachine()
  readonly #tables: { readonly title: string; readonly rows: readonly Row[] }[] = []
  readonly #thresholds: Threshold[] = []

  constructor(name: string, method: string) {
    this.#name = name
    this.#method = method
    const { node, cpu, cores, load, commit } = this.#machine
    print(`${name}: ${method}`)
    print(`commit ${commit}, Node.js ${node}, ${cores} × ${cpu}, load ${load.toFixed(1)}`)
  }

  table(title: string, rows: readonly Row[]): void {
    this.#tables.push({ title, rows })
    const columns = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))]
    print(`\n${title}\n`)
    print(`| | ${columns.join(' | ')} |`)
    print(`|---|${columns.map(() => '---').join('|')}|`)
    for (const { name, figures } of rows) {
      print(`| ${name} | ${columns.map((column) => cell(figures[column])).join(' | ')} |`)
    }
  }

  expect(threshold: Threshold): void {
    this.#thresholds.push(threshold)
  }

  /** Says what was to be shown and whether it was. Sets the exit code. */
  end(): void {
    const missed = this.#thresholds.filter(isMissed)
    print()
    for (const threshold of this.#thresholds) {
      print(`${isMissed(threshold) ? 'FAILED' : 'ok    '} ${textOf(threshold)}`)
    }
    const file = join(FOLDER, `${this.#name}.json`)
    const content = {
      name: this.#name,
      method: this.#method,
      machine: this.#machine,
      tables: this.#tables,
      thresholds: this.#thresholds.map((each) => ({ ...each, held: !isMissed(each) })),
    }
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`)
    print(`\n${file}`)
    if (missed.length > 0) process.exitCode = 1
  }
}

function isMissed({ found, atMost = Infinity, atLeast = -Infinity }: Threshold): boolean {
  return !(found <= atMost && found >= atLeast)
}

function textOf({ about, found, atMost, atLeast }: Threshold): string {
  const wanted = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  return `${about}: ${round(found)}, wanted ${wanted}`
}

function cell(figure: Spread | number | string | undefined): string {
  if (figure === undefined) return ''
  if (typeof figure === 'string') return figure
  if (typeof figure === 'number') return round(figure)
  return `${round(figure.median)} (${round(figure.least)}–${round(figure.most)})`
}

function round(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}
