import { spawn } from 'node:child_process'
import { constants } from 'node:os'

// One Ctrl-C reaches a script up to twice, from the terminal and from npm; two within this time are one.
const SAME_KEY_PRESS_MS = 500

/** Tells whether a signal is a new key press and not the echo of the last one. `now` is in milliseconds. */
export function createKeyPressFilter(now) {
  const pressedAt = new Map()
  return (signal) => {
    const before = pressedAt.get(signal) ?? Number.NEGATIVE_INFINITY
    if (now() - before < SAME_KEY_PRESS_MS) return false
    pressedAt.set(signal, now())
    return true
  }
}

/**
 * Runs a program in place of this process: same terminal, same exit code, and every Ctrl-C exactly once.
 *
 * It gets its own process group, so that signals of the terminal reach it only from here. A second Ctrl-C, later, is passed
 * on too: that is how a person says that they will not wait.
 */
export function runInForeground(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: 'inherit', detached: process.platform !== 'win32' })
  const isNew = createKeyPressFilter(() => performance.now())
  const pass = (signal) => {
    if (!isNew(signal)) return
    // A closed terminal is a wish to end, not a program's reason to die without draining.
    child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
  child.on('error', (error) => {
    process.stderr.write(`${program}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
