/** google.rpc.Code of a refusal. Envoy's own mapping has 13 for 400 and 2 for 413. */
const CODES: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  413: 8, // RESOURCE_EXHAUSTED
  500: 13, // INTERNAL
  503: 14, // UNAVAILABLE
}

/** The code for a status of HTTP; UNKNOWN, and never OK, for one that no refusal has. */
export function grpcCode(status: number): number {
  return CODES[status] ?? 2
}
