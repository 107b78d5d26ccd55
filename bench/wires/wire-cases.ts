/** What is measured on both wires. */
export interface Case {
  /** The audit sink: Kong's log is one PDK call more. */
  readonly sink: 'none' | 'kong'
  readonly connections: number
}

export const WIRE_CASES: readonly Case[] = [
  { sink: 'none', connections: 1 },
  { sink: 'none', connections: 16 },
  { sink: 'kong', connections: 1 },
  { sink: 'kong', connections: 16 },
]
