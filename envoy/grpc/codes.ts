/** google.rpc.Code of what ends a call without an answer. */
export const GRPC = {
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
} as const
