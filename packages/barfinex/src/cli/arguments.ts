import { parseArgs } from 'node:util'
import { BarfinexError, schemas } from '@barfinex/core'

/** One option of a command. */
export interface OptionRow {
  readonly name: string
  /** What stands for the value in the help; absent for a switch. */
  readonly value?: string
  readonly help: string
}

export interface ParsedArguments {
  readonly words: readonly string[]
  text(name: string): string | undefined
  has(name: string): boolean
}

/** Reads a command's arguments. Unknown options are refused with the ones there are. */
export function readArguments(command: string, rows: readonly OptionRow[], args: readonly string[]): ParsedArguments {
  const options = Object.fromEntries(
    rows.map((row) => [
      row.name,
      {
        type: row.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(row.name === 'help' ? { short: 'h' } : {}),
      },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({
      args: joinNegatives(rows, args),
      options,
      allowPositionals: true,
      strict: true,
    })
    return {
      words: positionals,
      text: (name) => {
        const value = values[name]
        return typeof value === 'string' ? value : undefined
      },
      has: (name) => values[name] === true,
    }
  } catch (cause) {
    const known = rows.map((row) => `--${row.name}`).join(', ')
    const what = cause instanceof Error ? (cause.message.split('. ')[0] as string) : String(cause)
    throw new BarfinexError('options.invalid', `${what}. Options of "barfinex ${command}": ${known}.`, { cause })
  }
}

/** `--for -1d` as `--for=-1d`: then the option itself says what is wrong with it. */
function joinNegatives(rows: readonly OptionRow[], args: readonly string[]): string[] {
  const taking = new Set(rows.flatMap((row) => (row.value === undefined ? [] : [`--${row.name}`])))
  const joined: string[] = []
  for (const arg of args) {
    const before = joined.at(-1)
    if (before !== undefined && taking.has(before) && /^-[\d.]/.test(arg))
      joined[joined.length - 1] = `${before}=${arg}`
    else joined.push(arg)
  }
  return joined
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A length of market time: `90s`, `10m`, `1d`. */
export function readDuration(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text)
  const ms = match === null ? 0 : Number(match[1]) * (units[match[2] as string] as number)
  if (ms > 0) return Math.round(ms)
  throw new BarfinexError(
    'options.invalid',
    `--${name} takes a length of time such as 90s, 10m, 4h or 1d, not "${text}".`,
  )
}

/** Market time over wall time, or `max`. */
export function readSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY
  const speed = Number(text)
  if (speed > 0 && speed <= 1_000_000) return speed
  throw new BarfinexError('options.invalid', `--speed takes a number above 0 or "max", not "${text}".`)
}

export function readInteger(name: string, text: string, lowest: number, highest: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value
  throw new BarfinexError(
    'options.invalid',
    `--${name} takes a whole number from ${lowest} to ${highest}, not "${text}".`,
  )
}

/** A list of symbols, or `null` without one. */
export function readSymbols(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null
  const symbols = text.split(',')
  const wrong = symbols.find((it) => !schemas.symbol.safeParse(it).success)
  if (wrong === undefined) return symbols
  throw new BarfinexError(
    'options.invalid',
    `--symbols takes symbols such as BTC/USDT or ETH/USDT:USDT with commas between them, not "${wrong}".`,
  )
}

/** The advisor's limits. A name that is not known is refused: nobody who meant `strict` may get less. */
export function readProfile(text: string | undefined): 'exploratory' | 'strict' {
  if (text === undefined || text === 'exploratory' || text === 'strict') return text ?? 'exploratory'
  throw new BarfinexError('options.invalid', `--profile takes exploratory or strict, not "${text}".`)
}
