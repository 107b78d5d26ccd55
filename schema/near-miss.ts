/**
 * The known name that a misspelt one most likely stands for: one that it spells out (`subject` for
 * `sub`, `source` for `src`), or one that is a slip of the finger away. `undefined` when none is near.
 */
export function nearMiss(name: string, known: readonly string[]): string | undefined {
  const asked = name.toLowerCase()
  const near = known.filter(
    (candidate) => spellsOut(asked, candidate) || isSlip(asked, candidate.toLowerCase()),
  )
  return near.toSorted((one, other) => distance(asked, one) - distance(asked, other))[0]
}

/** Whether the letters of `short` stand in `long` in this order, from the same first letter on. */
function spellsOut(long: string, short: string): boolean {
  if (short.length < 3 || long[0] !== short[0]) return false
  let at = 0
  for (const letter of long) if (letter === short[at]) at++
  return at === short.length
}

function isSlip(asked: string, candidate: string): boolean {
  const sorted = (text: string) => [...text].toSorted().join('')
  const bearable = Math.max(1, Math.floor(candidate.length / 3))
  return distance(asked, candidate) <= bearable || sorted(asked) === sorted(candidate)
}

/** Letters to insert, remove or replace to make one text the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
