/** Its owner's alone, or its group's as well. Whoever can connect can have any request let through. */
export type SocketMode = 0o600 | 0o660
