import { closeHttpCalls } from '../http-call.ts'
import { RedisServer } from '../redis-server.ts'
import { readSignatureVectors } from '../signature-vectors.ts'
import { readVectors } from '../vectors.ts'
import { ClockFile } from './clock-file.ts'
import { core } from './core.ts'
import { envoy } from './envoy.ts'
import type { Implementation } from './implementation.ts'
import { kong } from './kong.ts'
import { type Matrix, matrixOf, type Run } from './matrix.ts'
import { node } from './node.ts'
import { go, python } from './printed.ts'

/** Everything that decides on tokens, in the order of the matrix. */
export const IMPLEMENTATIONS: readonly Implementation[] = [
  core,
  kong('protobuf'),
  kong('msgpack'),
  envoy,
  node,
  go,
  python,
]

/**
 * Runs every vector, those of signatures included, through each implementation, one after the other. Rejects when one cannot run:
 * an implementation that is not there agrees with nobody.
 */
export async function runConformance(
  implementations: readonly Implementation[] = IMPLEMENTATIONS,
  progress: (line: string) => void = () => {},
): Promise<Matrix> {
  const files = readVectors()
  const signatures = readSignatureVectors()
  const clock = new ClockFile()
  const redis = await RedisServer.start()
  const runs: Run[] = []
  try {
    for (const implementation of implementations) {
      const startedAt = performance.now()
      const rows = await run(implementation, { files, signatures, clock, redis })
      const seconds = (performance.now() - startedAt) / 1000
      progress(`${implementation.name}: ${rows.length} rows in ${seconds.toFixed(1)} s`)
      runs.push({ implementation, rows })
    }
  } finally {
    closeHttpCalls()
    await redis.stop()
    clock.remove()
  }
  return matrixOf(files, signatures, runs)
}

async function run(
  { name, run: start }: Implementation,
  bench: Parameters<Implementation['run']>[0],
): ReturnType<Implementation['run']> {
  try {
    return await start(bench)
  } catch (cause) {
    throw new Error(`${name} cannot be run: ${String(cause)}`, { cause })
  }
}
