import type { z } from 'zod'
import { BarfinexError } from '../runtime/error.js'
import { nearest } from './nearest.js'

/** One thing that is wrong with options. */
export interface OptionFault {
  /** Where, `limits.dailyLoss`; empty for the options as a whole. */
  readonly path: string
  readonly message: string
  /** Keys that may stand there; only for an unknown key. */
  readonly allowed?: readonly string[]
  /** The allowed key that was probably meant. */
  readonly suggestion?: string
}

/**
 * Parses options at the door. Keys that the schema does not name are refused at every depth, whether or not its objects are
 * strict: an option that is silently ignored is worse than one that is missing.
 *
 * Throws `options.invalid`; the message names each path, what is wrong there, the allowed keys and the key that was probably
 * meant, and `details.faults` is the list of {@link OptionFault}.
 *
 * @example
 * parseOptions(z.object({ symbols: z.array(z.string()) }), { symbls: [] }, 'provider')
 * // throws: provider: unknown option "symbls", did you mean "symbols"? Allowed: symbols. …
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
  where: string,
): z.output<Schema> {
  const given = options ?? {}
  const faults = unknownKeys(schema, given, [])
  const parsed = schema.safeParse(given)
  if (parsed.success && faults.length === 0) return parsed.data
  for (const issue of parsed.error?.issues ?? []) {
    const path = pathText(issue.path)
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const full = pathText([...issue.path, key])
        if (!faults.some((fault) => fault.path === full))
          faults.push({ path: full, message: `unknown option "${full}"` })
      }
      continue
    }
    faults.push({ path, message: path === '' ? issue.message : `"${path}" ${lowerFirst(issue.message)}` })
  }
  throw new BarfinexError('options.invalid', `${where}: ${faults.map(sentence).join(' ')}`, { details: { faults } })
}

function sentence({ message, allowed, suggestion }: OptionFault): string {
  const meant = suggestion === undefined ? '.' : `, did you mean "${suggestion}"?`
  return `${message}${meant}${allowed === undefined ? '' : ` Allowed: ${[...allowed].sort().join(', ')}.`}`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** The parts of a zod definition that hold other schemas. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly catchall?: z.ZodType
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly valueType?: z.ZodType
  readonly in?: z.ZodType
}

function unknownKeys(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): OptionFault[] {
  const definition = schema.def as unknown as Definition
  const { shape, innerType, element, valueType } = definition
  if (definition.type === 'object' && shape !== undefined) {
    if (!isRecord(value)) return []
    const faults: OptionFault[] = []
    const isOpen = definition.catchall !== undefined && (definition.catchall.def as Definition).type !== 'never'
    for (const [key, member] of Object.entries(value)) {
      const inner = Object.hasOwn(shape, key) ? shape[key] : undefined
      if (inner !== undefined) faults.push(...unknownKeys(inner, member, [...path, key]))
      else if (!isOpen) faults.push(unknownKey([...path, key], key, Object.keys(shape)))
    }
    return faults
  }
  if (innerType !== undefined) return unknownKeys(innerType, value, path)
  if (definition.type === 'pipe' && definition.in !== undefined) return unknownKeys(definition.in, value, path)
  if (element !== undefined && Array.isArray(value)) {
    return value.flatMap((member, index) => unknownKeys(element, member, [...path, index]))
  }
  if (definition.type === 'record' && valueType !== undefined && isRecord(value)) {
    return Object.entries(value).flatMap(([key, member]) => unknownKeys(valueType, member, [...path, key]))
  }
  return []
}

function unknownKey(path: readonly PropertyKey[], key: string, allowed: readonly string[]): OptionFault {
  const text = pathText(path)
  const suggestion = nearest(key, allowed)
  const message = `unknown option "${text}"`
  return suggestion === undefined ? { path: text, message, allowed } : { path: text, message, allowed, suggestion }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
