export declare class SecretSearch {
  lines: number
  found: number
  take(stream: string, chunk: string): void
}
