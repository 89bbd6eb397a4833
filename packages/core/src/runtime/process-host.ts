import { hostname } from 'node:os'

/** What a program must be able to do with its own process: read its call, speak, hear that it shall end, and end. */
export interface ProcessHost {
  /** The name of the machine, for telling processes of different machines apart. */
  readonly machine: string
  /** A line on standard output: results, for programs. */
  out(line: string): void
  /** A line on standard error: progress, for people. */
  err(line: string): void
  /** Called each time the process is asked to end (SIGTERM, SIGINT). Returns how to stop listening. */
  onStop(listener: (signal: string) => void): () => void
  /** Called with every error that nobody has caught. Without a listener the process would end on the spot. */
  onFault(listener: (error: unknown) => void): () => void
  exit(code: number): void
}

const stopSignals = ['SIGTERM', 'SIGINT'] as const
const faultEvents = ['uncaughtException', 'unhandledRejection'] as const

/** The real process. */
export function processHost(): ProcessHost {
  return {
    machine: hostname(),
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    onStop(listener) {
      const handle = (signal: string) => listener(signal)
      for (const signal of stopSignals) process.on(signal, handle)
      return () => {
        for (const signal of stopSignals) process.off(signal, handle)
      }
    },
    onFault(listener) {
      const handle = (error: unknown) => listener(error)
      for (const event of faultEvents) process.on(event, handle)
      return () => {
        for (const event of faultEvents) process.off(event, handle)
      }
    },
    exit: (code) => process.exit(code),
  }
}
