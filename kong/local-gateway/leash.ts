import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Kills the child as soon as this process is gone, however that ends: the shell's standard input then
 * closes. A child that has ended by itself releases the shell with a line, so that its pid, which may
 * mean another process by now, is left alone.
 */
export function leash(child: ChildProcess): void {
  if (child.pid === undefined) return
  // A session of its own: an interrupt from the terminal must not reach it first.
  const shell = spawn('/bin/sh', ['-c', 'read -r _ || kill -9 "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  shell.stdin.on('error', () => {})
  child.once('exit', () => shell.stdin.end('ended\n'))
}
