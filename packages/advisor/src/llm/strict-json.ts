/** What JSON can hold. Objects are maps, so no key has a special meaning. */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>

/** Why a text is refused. */
export class JsonFault extends Error {
  constructor(readonly kind: 'json' | 'duplicate-key') {
    super(kind)
  }
}

const deepest = 12

/**
 * Reads JSON more strictly than `JSON.parse`, which lets the last of two equal keys win: what one reader sees is then not
 * what another sees. A key that comes twice is refused, and so is nesting beyond twelve levels.
 *
 * @throws JsonFault
 */
export function readStrictJson(text: string): Json {
  let at = 0
  const fault = () => new JsonFault('json')

  function token(pattern: RegExp): string | null {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return null
    at = pattern.lastIndex
    return found[0]
  }

  function expectMark(mark: string): void {
    skipBlanks()
    if (text[at] !== mark) throw fault()
    at += 1
  }

  function takeMark(mark: string): boolean {
    skipBlanks()
    if (text[at] !== mark) return false
    at += 1
    return true
  }

  function skipBlanks(): void {
    token(/[ \t\r\n]*/y)
  }

  function string(): string {
    skipBlanks()
    const found = token(/"(?:[^"\\]|\\.)*"/sy)
    if (found === null) throw fault()
    return scalar(found) as string
  }

  function scalar(found: string): Json {
    try {
      return JSON.parse(found) as Json
    } catch {
      throw fault()
    }
  }

  function value(depth: number): Json {
    if (depth > deepest) throw fault()
    if (takeMark('{')) return object(depth)
    if (takeMark('[')) return array(depth)
    if (text[at] === '"') return string()
    const found = token(/-?[0-9][0-9.eE+-]*|true|false|null/y)
    if (found === null) throw fault()
    return scalar(found)
  }

  function object(depth: number): Json {
    const members = new Map<string, Json>()
    if (takeMark('}')) return members
    do {
      const key = string()
      if (members.has(key)) throw new JsonFault('duplicate-key')
      expectMark(':')
      members.set(key, value(depth + 1))
    } while (takeMark(','))
    expectMark('}')
    return members
  }

  function array(depth: number): Json {
    const members: Json[] = []
    if (takeMark(']')) return members
    do members.push(value(depth + 1))
    while (takeMark(','))
    expectMark(']')
    return members
  }

  const read = value(0)
  skipBlanks()
  if (at !== text.length) throw fault()
  return read
}

/** Objects as records, for a schema. A key with a meaning for JavaScript is refused. */
export function toPlain(json: Json): unknown {
  if (json instanceof Map) {
    const record: Record<string, unknown> = {}
    for (const [key, member] of json) {
      if (key === '__proto__') throw new JsonFault('json')
      record[key] = toPlain(member as Json)
    }
    return record
  }
  return Array.isArray(json) ? json.map((it) => toPlain(it as Json)) : json
}
