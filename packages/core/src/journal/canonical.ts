import { createHash } from 'node:crypto'
import { BarfinexError } from '../runtime/error.js'

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 units, shortest number form, no blanks, `undefined` members left out.
 * Equal values give equal text, so their hashes can be compared. Refuses NaN, infinities, functions and bigints with
 * `message.invalid`.
 *
 * @example
 * canonicalJson({ b: 1, a: [true, undefined] }) // => '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return writePlain(value)
}

/** SHA-256 of text, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** SHA-256 of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value))
}

/** How the members of objects with these keys are written: which, in which order, with which text before them. */
interface Shape {
  readonly keys: readonly string[]
  readonly members: readonly { readonly key: string; readonly label: string }[]
}

/** Shapes that are remembered; messages have a few dozen. */
const rememberedShapes = 512
/** Its memory of shapes is all it keeps; nobody can tell what it has written before. */
const writePlain = createCanonicalWriter()

/**
 * Writes canonical JSON again and again, remembering how the keys of the objects it meets are sorted: twice as fast.
 * Members named in `omitted` are left out wherever they stand.
 */
export function createCanonicalWriter(omitted: ReadonlySet<string> = new Set()): (value: unknown) => string {
  const shapes = new Map<string, Shape[]>()
  let shapeCount = 0

  function shapeOf(keys: readonly string[]): Shape {
    const [first = ''] = keys
    const alike = shapes.get(first)
    if (alike !== undefined) for (const shape of alike) if (isSame(shape.keys, keys)) return shape
    const sorted = keys.filter((key) => !omitted.has(key)).sort()
    const shape = { keys, members: sorted.map((key) => ({ key, label: `${JSON.stringify(key)}:` })) }
    if (shapeCount >= rememberedShapes) {
      shapes.clear()
      shapeCount = 0
    }
    shapeCount += 1
    shapes.set(first, [shape, ...(shapes.get(first) ?? [])])
    return shape
  }

  function write(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value)
      case 'number':
        if (!Number.isFinite(value)) throw new BarfinexError('message.invalid', `${value} has no canonical form.`)
        return `${value}`
      case 'boolean':
        return value ? 'true' : 'false'
      case 'object':
        if (value === null) return 'null'
        return Array.isArray(value) ? writeList(value) : writeRecord(value as Readonly<Record<string, unknown>>)
      default:
        throw new BarfinexError('message.invalid', `A ${typeof value} has no canonical form.`)
    }
  }

  function writeList(list: readonly unknown[]): string {
    let text = '['
    for (let index = 0; index < list.length; index += 1) {
      const item = list[index]
      text += `${index === 0 ? '' : ','}${item === undefined ? 'null' : write(item)}`
    }
    return `${text}]`
  }

  function writeRecord(record: Readonly<Record<string, unknown>>): string {
    let text = '{'
    for (const { key, label } of shapeOf(Object.keys(record)).members) {
      const member = record[key]
      if (member !== undefined) text += `${text.length > 1 ? ',' : ''}${label}${write(member)}`
    }
    return `${text}}`
  }

  return write
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false
  return true
}
