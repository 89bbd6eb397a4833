import { BarfinexError } from '@barfinex/core'

/** Exit codes of every command. */
export const exitCodes = {
  done: 0,
  /** Something failed that was not foreseen, or an invariant is broken. */
  failed: 1,
  /** The call's words are wrong, or a file or option is. */
  usage: 2,
  /** A replay did not come to the same facts, or a check of `doctor` failed. */
  differs: 3,
  /** Stopped by Ctrl-C before it was done: a replay at the first, anything at the second. */
  interrupted: 130,
} as const

const usageCodes: readonly string[] = [
  'options.invalid',
  'config.invalid',
  'config.not-found',
  'strategy.invalid',
  'tape.invalid',
  'tape.not-found',
  'tape.sidecar-missing',
  'journal.damaged',
]

/** Where a command writes: one result on standard output, everything else on standard error. */
export interface Output {
  readonly json: boolean
  /** The result: as one JSON object on one line, or as text. */
  result(value: object, text: string): void
  note(line: string): void
  /** A line that replaces the one before on a terminal. */
  progress(line: string): void
}

export function createOutput(json: boolean): Output {
  let isOpenLine = false
  const endLine = () => {
    if (isOpenLine) process.stderr.write('\n')
    isOpenLine = false
  }
  return {
    json,
    result(value, text) {
      endLine()
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`)
    },
    note(line) {
      endLine()
      process.stderr.write(`${line}\n`)
    },
    progress(line) {
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 120) - 1)}`)
        isOpenLine = true
      } else process.stderr.write(`${line}\n`)
    },
  }
}

/** What a failure is called and which exit code it has. */
export function failureOf(error: unknown): { readonly code: string; readonly message: string; readonly exit: number } {
  if (BarfinexError.is(error)) {
    const exit = usageCodes.includes(error.code) ? exitCodes.usage : exitCodes.failed
    return {
      code: error.code,
      message: error.message,
      exit: error.code === 'replay.diverged' ? exitCodes.differs : exit,
    }
  }
  return {
    code: 'unknown',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    exit: exitCodes.failed,
  }
}
