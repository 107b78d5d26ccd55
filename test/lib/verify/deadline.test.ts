import { Denial } from '../../../lib/denial.ts'
import { monotonic } from '../../../lib/ports/stopwatch.ts'
import { Deadline } from '../../../lib/verify/deadline.ts'

describe('Deadline', () => {
  test('gives what was waited for in time', async () => {
    await expect(new Deadline(1000, monotonic).within(Promise.resolve('key'))).resolves.toBe('key')
  })

  test('passes a rejection on', async () => {
    const failure = new Error('refused')
    await expect(new Deadline(1000, monotonic).within(Promise.reject(failure))).rejects.toBe(
      failure,
    )
  })

  test('ends a wait that nothing else would end', async () => {
    const never = new Promise(() => {})
    const wait = new Deadline(5, monotonic).within(never)
    await expect(wait).rejects.toMatchObject({ reason: 'deadline_exceeded' })
    await expect(wait).rejects.toBeInstanceOf(Denial)
  })

  test('counts from its beginning, not from the wait', async () => {
    let now = 1000
    const deadline = new Deadline(60_000, () => now)
    now += 60_001
    await expect(deadline.within(new Promise(() => {}))).rejects.toMatchObject({
      reason: 'deadline_exceeded',
    })
  })

  test('measures what has passed', () => {
    let now = 5
    const deadline = new Deadline(10, () => now)
    now += 3
    expect(deadline.elapsedMs).toBe(3)
  })
})
