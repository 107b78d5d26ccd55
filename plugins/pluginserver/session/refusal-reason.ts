/** Why the server itself refuses a request: the word that is counted, and what the operator's line says. */
export const REFUSAL_TEXTS = {
  plugin_threw: 'a phase threw',
  call_not_encodable: 'a call could not be encoded',
  plugin_timeout: 'no answer from the plugin',
  kong_timeout: 'no answer from Kong',
  too_many_events: 'too many open events',
  stopping: 'the server is stopping',
  frame_not_accepted: 'its frame was not accepted',
  unknown_phase: 'no such phase',
  unknown_event: 'Kong answered for a request that is not open here',
  unknown_method: 'no such method',
  wrong_configuration: 'its configuration cannot be used',
} as const

export type RefusalReason = keyof typeof REFUSAL_TEXTS

/** Is told of each request that the server refuses without a decision of the plugin. */
export type OnRefusal = (reason: RefusalReason) => void
