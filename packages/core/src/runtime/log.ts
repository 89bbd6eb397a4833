import { BarfinexError } from './error.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** The only way to write a line for people. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  child(fields: LogFields): Log
}

export interface LogOptions {
  readonly level?: LogLevel
  /** Gets each finished line; the default writes to standard error, so standard output stays free for results. */
  readonly write?: (line: string) => void
  /** Values that never appear in a line: keys, tokens, secrets. */
  readonly secrets?: readonly string[]
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }
const longestLine = 8_192

/** Structured lines, `level message key=value`, control characters escaped, secrets redacted, size capped. */
export function createLog(options: LogOptions = {}, bound: LogFields = {}): Log {
  const threshold = ranks[options.level ?? 'info']
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`))
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= 6)

  const emit =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (ranks[level] < threshold) return
      let line = `${level} ${escapeControl(message)}`
      for (const [key, value] of Object.entries({ ...bound, ...fields })) line += ` ${key}=${format(value)}`
      for (const secret of secrets) line = line.split(secret).join('[redacted]')
      write(line.replace(/(signature|token|apiKey)=[^&\s"]+/gi, '$1=[redacted]').slice(0, longestLine))
    }
  return {
    debug: emit('debug'),
    info: emit('info'),
    warn: emit('warn'),
    error: emit('error'),
    child: (fields) => createLog(options, { ...bound, ...fields }),
  }
}

/** A log that says nothing. */
export const silentLog: Log = createLog({ write: () => {}, level: 'error' })

function format(value: unknown): string {
  if (BarfinexError.is(value)) return escapeControl(JSON.stringify(`${value.code}: ${value.message}`))
  if (value instanceof Error) return escapeControl(JSON.stringify(`${value.name}: ${value.message}`))
  if (typeof value === 'string') return escapeControl(/[\s="]/.test(value) ? JSON.stringify(value) : value)
  if (typeof value === 'bigint') return value.toString()
  return escapeControl(JSON.stringify(value) ?? String(value))
}

function escapeControl(text: string): string {
  // biome's rule against control characters in patterns is right elsewhere; here they are the point, so ask by code.
  let result = ''
  for (const character of text) {
    const point = character.codePointAt(0) as number
    const isControl =
      point < 32 || point === 127 || (point >= 0x80 && point < 0xa0) || (point >= 0x2028 && point <= 0x202e)
    result += isControl ? `\\u${point.toString(16).padStart(4, '0')}` : character
  }
  return result
}
