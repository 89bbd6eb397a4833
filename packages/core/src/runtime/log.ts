import { BarfinexError } from './error.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** The only way to write a line for people. Never throws, whatever it is given. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  child(fields: LogFields): Log
}

export interface LogOptions {
  /** Lines below it are left out; `info` when absent. */
  readonly level?: LogLevel
  /** Gets each finished line; the default writes to standard error, so standard output stays free for results. */
  readonly write?: (line: string) => void
  /** Values that never appear in a line: keys, tokens, secrets. Shorter ones than 6 characters would hide half of the text and are not looked for. */
  readonly secrets?: readonly string[]
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }
const longestLine = 8_192
const redacted = '[redacted]'
/** Names of members and parameters whose value is nobody's business. */
const secretName = /(secret|token|password|passphrase|signature|authorization|(api|private|secret)[-_]?key)$/i
const secretParameter =
  /((?:secret|token|password|passphrase|signature|authorization|(?:api|private|secret)[-_]?key)=)[^&\s"\\]+/gi

/**
 * Structured lines, `level message key=value`, control characters escaped, secrets redacted, size capped.
 *
 * @example
 * createLog({ secrets: [apiSecret] }).info('connected', { exchange: 'binance', latencyMs: 41 })
 */
export function createLog(options: LogOptions = {}, bound: LogFields = {}): Log {
  const threshold = ranks[options.level ?? 'info']
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`))
  // A secret inside a JSON text is escaped as the text is: look for that form, too.
  const secrets = (options.secrets ?? [])
    .filter((secret) => secret.length >= 6)
    .flatMap((secret) => [secret, escapeControl(secret), JSON.stringify(secret).slice(1, -1)])

  const emit =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (ranks[level] < threshold) return
      let line = `${level} ${escapeControl(String(message))}`
      for (const [key, value] of Object.entries({ ...bound, ...fields })) {
        if (value !== undefined) line += ` ${escapeControl(key)}=${secretName.test(key) ? redacted : format(value)}`
      }
      for (const secret of secrets) line = line.split(secret).join(redacted)
      line = line.replace(secretParameter, `$1${redacted}`)
      write(line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line)
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
  if (value instanceof Error) return escapeControl(JSON.stringify(errorText(value)))
  if (typeof value === 'string') return escapeControl(/[\s="]/.test(value) ? JSON.stringify(value) : value)
  if (typeof value === 'bigint') return value.toString()
  return escapeControl(jsonText(value))
}

/** `code: message`, and what it came from. */
function errorText(error: Error, depth = 0): string {
  const text = `${BarfinexError.is(error) ? error.code : error.name}: ${error.message}`
  return error.cause instanceof Error && depth < 3 ? `${text} (from ${errorText(error.cause, depth + 1)})` : text
}

function jsonText(value: unknown): string {
  try {
    const text = JSON.stringify(value, (key, member: unknown) => {
      if (secretName.test(key)) return redacted
      if (member instanceof Error) return errorText(member)
      return typeof member === 'bigint' ? member.toString() : member
    })
    return text ?? String(value)
  } catch {
    return '[unprintable]'
  }
}

/** Shows what would move the cursor, hide text or turn its direction around as `\u` and four digits. */
function escapeControl(text: string): string {
  let result = ''
  for (const character of text) {
    const point = character.codePointAt(0) as number
    result += isControl(point) ? `\\u${point.toString(16).padStart(4, '0')}` : character
  }
  return result
}

function isControl(point: number): boolean {
  return (
    point < 0x20 ||
    (point >= 0x7f && point < 0xa0) ||
    (point >= 0x200b && point <= 0x200f) ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2066 && point <= 0x2069) ||
    point === 0xfeff
  )
}
