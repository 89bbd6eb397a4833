import type { z } from 'zod'
import type { Column } from './column.js'
import { FlagColumn } from './flag-column.js'
import { FrozenColumn } from './frozen-column.js'
import { JsonColumn } from './json-column.js'
import { ListColumn } from './list-column.js'
import { MaybeColumn } from './maybe-column.js'
import { NumberColumn } from './number-column.js'
import { RecordColumn } from './record-column.js'
import { TextColumn } from './text-column.js'

type Schema = z.core.$ZodType

/** A schema has one column, made when it is first used. */
const known = new WeakMap<Schema, Column>()

/**
 * The column of a schema. It lets through what the schema does and nothing else: whatever the schema asks for that is not known here
 * travels as JSON and is checked by the schema itself.
 */
export function columnOf(schema: Schema): Column {
  const found = known.get(schema)
  if (found !== undefined) return found
  // What a schema that names itself finds within it.
  const json = new JsonColumn(schema)
  known.set(schema, json)
  const column = plainColumnOf(schema as z.core.$ZodTypes) ?? json
  known.set(schema, column)
  return column
}

function plainColumnOf(schema: z.core.$ZodTypes): Column | null {
  const { def } = schema._zod
  if (def.type === 'string') return textColumnOf(schema, def)
  if (def.type === 'number') return numberColumnOf(schema, def)
  if (def.type === 'array') return listColumnOf(def)
  if (def.checks !== undefined && def.checks.length > 0) return null
  switch (def.type) {
    case 'boolean':
      return def.coerce === true ? null : new FlagColumn()
    case 'enum':
      return choiceColumnOf(Object.values(def.entries))
    case 'literal':
      return choiceColumnOf(def.values)
    case 'nullable':
      return new MaybeColumn(columnOf(def.innerType), null)
    case 'optional':
      return new MaybeColumn(columnOf(def.innerType), undefined)
    case 'readonly':
      return new FrozenColumn(columnOf(def.innerType))
    case 'object':
      return recordColumnOf(def)
    default:
      return null
  }
}

function textColumnOf(schema: Schema, def: z.core.$ZodStringDef): Column | null {
  if (def.coerce === true || 'format' in def) return null
  const tests: ((text: string) => boolean)[] = []
  // A character has one unit or two, and it is characters that the schema counts: near the limit it is asked.
  for (const check of definitionsOf(def.checks)) {
    if (isRefinement(check)) tests.push((text) => passes(schema, text))
    else if (check.check === 'max_length') tests.push((text) => text.length <= check.maximum || passes(schema, text))
    else if (check.check === 'min_length')
      tests.push((text) => text.length >= check.minimum * 2 || passes(schema, text))
    else if (check.check === 'string_format' && check.format === 'regex') {
      const { pattern } = check
      if (pattern === undefined || pattern.global || pattern.sticky) return null
      tests.push((text) => pattern.test(text))
    } else return null
  }
  const [only] = tests
  return new TextColumn(tests.length === 1 && only !== undefined ? only : (text) => tests.every((test) => test(text)))
}

function numberColumnOf(schema: Schema, def: z.core.$ZodNumberDef): Column | null {
  if (def.coerce === true || 'format' in def) return null
  let isInteger = false
  for (const check of definitionsOf(def.checks)) {
    if (check.check === 'number_format' && check.format === 'safeint') isInteger = true
    else if (check.check !== 'greater_than' && check.check !== 'less_than') return null
  }
  return new NumberColumn({ isInteger, admits: (value) => passes(schema, value) })
}

function listColumnOf(def: z.core.$ZodArrayDef): Column | null {
  const tests: ((length: number) => boolean)[] = []
  for (const check of definitionsOf(def.checks)) {
    if (check.check === 'max_length') tests.push((length) => length <= check.maximum)
    else if (check.check === 'min_length') tests.push((length) => length >= check.minimum)
    else return null
  }
  return new ListColumn(columnOf(def.element), (length) => tests.every((test) => test(length)))
}

function choiceColumnOf(values: readonly unknown[]): Column | null {
  const choices = new Set(values)
  return values.every((value) => typeof value === 'string') ? new TextColumn((text) => choices.has(text)) : null
}

function recordColumnOf(def: z.core.$ZodObjectDef): Column | null {
  // What says something about members it does not name is left to the schema.
  if (def.catchall !== undefined || Object.hasOwn(def.shape, '__proto__')) return null
  const members = Object.entries(def.shape).map(([name, inner]) => ({
    name,
    column: columnOf(inner),
    isOptional: inner._zod.optout === 'optional' || inner._zod.optin === 'optional',
  }))
  return new RecordColumn(members)
}

function definitionsOf(
  checks: readonly z.core.$ZodCheck<never>[] | undefined,
): readonly z.core.$ZodChecks['_zod']['def'][] {
  return (checks ?? []).map((check) => (check as unknown as z.core.$ZodChecks)._zod.def)
}

/** True when the schema takes it as it is. */
function passes(schema: Schema, value: unknown): boolean {
  const parsed = (schema as z.ZodType).safeParse(value)
  return parsed.success && Object.is(parsed.data, value)
}

/** A condition of the schema's author, which judges and changes nothing. */
function isRefinement({ check }: { readonly check: string }): boolean {
  return check === 'custom'
}
