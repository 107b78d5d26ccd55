import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import type { FuzzTarget } from './fuzz-target.ts'
import { mutationsOf } from './mutations.ts'

const CORPUS = resolve('test/fuzz/corpus')

export interface FuzzLimits {
  readonly runs: number
  /** Ends sooner when so much time has gone by. */
  readonly seconds?: number | undefined
  readonly seed?: number | undefined
}

export interface FuzzReport {
  readonly target: string
  readonly executions: number
  readonly seed: number
  readonly seconds: number
  /** The smallest input that was found to break it, and how. */
  readonly finding?: { readonly input: Buffer; readonly cause: unknown }
}

/** Inputs that broke it once; they are tried first, for ever. */
export function corpusOf({ name }: FuzzTarget): readonly Buffer[] {
  const folder = join(CORPUS, name)
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((file) => readFileSync(join(folder, file)))
}

/** Puts an input into the corpus and says where. */
export function keep({ name }: FuzzTarget, input: Buffer): string {
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 16)
  const file = join(CORPUS, name, digest)
  mkdirSync(join(CORPUS, name), { recursive: true })
  writeFileSync(file, input)
  return file
}

/** Tries the corpus and the seeds, then so many mutations of them. Ends with the first finding, made small. */
export async function runTarget(
  target: FuzzTarget,
  { runs, seconds, seed = Math.floor(Math.random() * 2 ** 31) }: FuzzLimits,
): Promise<FuzzReport> {
  const startedAt = performance.now()
  let executions = 0
  const once = async (input: Buffer) => {
    executions++
    await target.check(Buffer.from(input))
  }
  const report = (finding?: FuzzReport['finding']): FuzzReport => ({
    target: target.name,
    executions,
    seed,
    seconds: (performance.now() - startedAt) / 1000,
    ...(finding !== undefined && { finding }),
  })
  const known = [...corpusOf(target), ...target.seeds]
  for (const input of known) {
    try {
      await once(input)
    } catch (cause) {
      return report({ input, cause })
    }
  }
  const details = await fc.check(
    fc.asyncProperty(mutationsOf(known, target.dictionary ?? []), once),
    {
      numRuns: runs,
      seed,
      ...(seconds !== undefined && { interruptAfterTimeLimit: seconds * 1000 }),
    },
  )
  const [input] = details.counterexample ?? []
  return report(input === undefined ? undefined : { input, cause: details.errorInstance })
}
