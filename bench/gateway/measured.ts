import { preciseCpuMs } from '../shared/process-cpu.ts'
import type { Block } from './load.ts'

export interface Measured extends Block {
  /** Of the plugin server, per request; absent where it is not ours to look at. */
  readonly cpuMicros?: number
}

/** A block, and the processor time that the plugin server took for it. */
export async function measured(
  pid: number | undefined,
  run: () => Promise<Block>,
): Promise<Measured> {
  if (pid === undefined) return run()
  const before = preciseCpuMs(pid)
  const block = await run()
  return { ...block, cpuMicros: ((preciseCpuMs(pid) - before) * 1000) / block.requests }
}
