import { errorMessage } from '../error-message.ts'

/**
 * Why a Redis cannot be used, in one phrase. The client wraps what happened: where several servers were
 * asked, it says so and keeps what the last of them said to itself.
 */
export function redisCause(thrown: unknown): string {
  // Node reports a host with several addresses as an AggregateError without a message.
  if (thrown instanceof AggregateError) return thrown.errors.map(errorMessage).join('; ')
  const { lastNodeError } = Object(thrown) as { readonly lastNodeError?: unknown }
  if (lastNodeError === undefined || lastNodeError === null) return errorMessage(thrown)
  return `${errorMessage(thrown)} The last server asked: ${redisCause(lastNodeError)}`
}
