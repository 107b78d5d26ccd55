export type LogLevel = 'error' | 'warn' | 'notice' | 'info' | 'debug'

/** Kong's error log: `notice` and above are visible by default. */
export type GatewayLog = (level: LogLevel, line: string) => void
