/** One of the things that are compared: measures one block and says what came of it. */
export interface Subject<T> {
  readonly name: string
  block(round: number): Promise<T>
}

/**
 * Every subject in turn, a block each, so that all of them meet the same moods of the machine. Whoever comes
 * first in a round is not always the same. Blocks of the rounds below zero warm up and are not kept.
 */
export async function takeTurns<T>(
  subjects: readonly Subject<T>[],
  { rounds, warmUp = 1 }: { readonly rounds: number; readonly warmUp?: number },
): Promise<ReadonlyMap<string, readonly T[]>> {
  const blocks = new Map<string, T[]>(subjects.map(({ name }) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    const first = Math.abs(round) % subjects.length
    for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      const block = await subject.block(round)
      if (round >= 0) blocks.get(subject.name)?.push(block)
    }
  }
  return blocks
}
