import type { z } from 'zod'
import { BarfinexError } from '../runtime/error.js'
import type { ReadVariable } from './daemon-plan.js'

/** The parts of a zod definition that hold other schemas. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly options?: readonly z.ZodType[]
}

type Kind = 'string' | 'number' | 'boolean' | 'list'

/** One setting that the environment may override. */
interface Setting {
  readonly path: readonly string[]
  readonly kind: Kind
}

/** `daemon.redis.url` is `BARFINEX_DAEMON_REDIS_URL`, `reconcile.inFlightMs` is `BARFINEX_RECONCILE_IN_FLIGHT_MS`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase())
  return `BARFINEX_${words.join('_')}`
}

/**
 * Puts what the environment says over a configuration: every text, number, switch and list of texts that the schema names has
 * its variable. Lists are separated by commas. An empty variable counts as absent.
 */
export function withEnvironment(
  schema: z.ZodType,
  given: Readonly<Record<string, unknown>>,
  read: ReadVariable,
): Readonly<Record<string, unknown>> {
  let result = given
  for (const { path, kind } of settingsOf(schema, [])) {
    const variable = variableOf(path)
    const text = read(variable)
    if (text !== undefined && text !== '') result = put(result, path, readValue(variable, text, kind))
  }
  return result
}

/** Every variable that a schema has. */
export function variablesOf(schema: z.ZodType): readonly string[] {
  return settingsOf(schema, []).map(({ path }) => variableOf(path))
}

function settingsOf(schema: z.ZodType, path: readonly string[]): readonly Setting[] {
  const definition = schema.def as unknown as Definition
  const { type, shape, innerType, options } = definition
  if (type === 'object' && shape !== undefined) {
    return Object.entries(shape).flatMap(([key, inner]) => settingsOf(inner, [...path, key]))
  }
  if (innerType !== undefined) return settingsOf(innerType, path)
  if (type === 'pipe' && definition.in !== undefined) return settingsOf(definition.in, path)
  // Of alternatives the one with members counts: `false` or options, for example.
  if (type === 'union' && options !== undefined) {
    const alternatives = options.map((it) => settingsOf(it, path))
    return alternatives.find((it) => it.some((setting) => setting.path.length > path.length)) ?? alternatives[0] ?? []
  }
  const kind = kindOf(type)
  return kind === null || path.length === 0 ? [] : [{ path, kind }]
}

function kindOf(type: string): Kind | null {
  if (type === 'string' || type === 'enum') return 'string'
  if (type === 'number' || type === 'int') return 'number'
  if (type === 'boolean') return 'boolean'
  return type === 'array' ? 'list' : null
}

function readValue(variable: string, text: string, kind: Kind): unknown {
  if (kind === 'string') return text
  if (kind === 'list') return text.split(',').map((it) => it.trim())
  if (kind === 'number') {
    const value = Number(text)
    if (Number.isFinite(value)) return value
    throw new BarfinexError('config.invalid', `${variable} must be a number.`)
  }
  if (text === 'true' || text === 'false') return text === 'true'
  throw new BarfinexError('config.invalid', `${variable} must be true or false.`)
}

function put(target: unknown, path: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const [first = '', ...rest] = path
  const own = typeof target === 'object' && target !== null ? (target as Readonly<Record<string, unknown>>) : {}
  return { ...own, [first]: rest.length === 0 ? value : put(own[first], rest, value) }
}
