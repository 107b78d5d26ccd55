import { within } from '../../../lib/ports/within.ts'

describe('a time limit', () => {
  test('passes on what comes in time', async () => {
    expect(await within(1000, Promise.resolve('reply'))).toBe('reply')
    await expect(within(1000, Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  })

  test('ends waiting for what does not come', async () => {
    await expect(within(5, new Promise(() => {}))).rejects.toThrow('no reply within 5 ms')
  })

  test('leaves a rejection that comes too late without consequence', async () => {
    let reject: (cause: Error) => void = () => {}
    const late = new Promise<never>((_, refuse) => {
      reject = refuse
    })
    await expect(within(5, late)).rejects.toThrow('no reply')
    reject(new Error('late'))
    await new Promise((resolve) => setImmediate(resolve))
  })
})
