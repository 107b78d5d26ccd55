const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/** An instant of RFC 3339, 5.6, in milliseconds since the epoch; `undefined` for any other text. */
export function parseRfc3339(text: string): number | undefined {
  const date = RFC_3339.exec(text)?.[1]
  const ms = date === undefined || !isDay(date) ? Number.NaN : Date.parse(text.toUpperCase())
  return Number.isNaN(ms) ? undefined : ms
}

/** `Date.parse` takes the 30th of February for a day in March. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date)
}
