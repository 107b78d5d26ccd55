/** Between one lamp and the next. */
const LAMP_MS = 70

/** Whether the reader wants things to move. */
export function moves(): boolean {
  return !matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** Waits until the next lamp is due; not at all for who wants nothing to move. */
export function nextLamp(): Promise<void> {
  if (!moves()) return Promise.resolve()
  return new Promise((due) => {
    setTimeout(due, LAMP_MS)
  })
}
