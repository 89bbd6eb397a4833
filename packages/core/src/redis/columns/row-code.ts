/** Takes records apart: one list of values for each name; `null` when one of them is no record. */
export type Split = (rows: readonly unknown[]) => unknown[][] | null
/** Puts records together of as many lists of values. A member that is `undefined` is left out. */
export type Join = (columns: readonly (readonly unknown[])[], count: number) => unknown[]

/**
 * Written out with its own places for every name, so that the engine knows where in a record each is: five times as fast as a loop
 * over the names. The text contains nothing but the names of a schema's members.
 */
export function compileSplit(names: readonly string[]): Split {
  const lists = names.map((_, place) => `c${place}`)
  const source = `'use strict'
return (rows) => {
  const count = rows.length
  ${lists.map((list) => `const ${list} = new Array(count)`).join('\n  ')}
  for (let index = 0; index < count; index += 1) {
    const row = rows[index]
    if (row === null || typeof row !== 'object' || Array.isArray(row)) return null
    ${names.map((name, place) => `c${place}[index] = row[${JSON.stringify(name)}]`).join('\n    ')}
  }
  return [${lists.join(', ')}]
}`
  return new Function(source)() as Split
}

/** As {@link compileSplit}. For members that are all there. */
export function compileJoin(names: readonly string[]): Join {
  const source = `'use strict'
return (columns, count) => {
  const [${names.map((_, place) => `c${place}`).join(', ')}] = columns
  const rows = new Array(count)
  for (let index = 0; index < count; index += 1) {
    rows[index] = { ${names.map((name, place) => `${JSON.stringify(name)}: c${place}[index]`).join(', ')} }
  }
  return rows
}`
  return new Function(source)() as Join
}

/** The same where code may not be made from text. */
export function plainSplit(names: readonly string[]): Split {
  return (rows) => {
    if (rows.some((row) => row === null || typeof row !== 'object' || Array.isArray(row))) return null
    return names.map((name) => rows.map((row) => (row as Readonly<Record<string, unknown>>)[name]))
  }
}

/** The same where code may not be made from text, and where a member is there in some records and not in others. */
export function plainJoin(names: readonly string[]): Join {
  return (columns, count) =>
    Array.from({ length: count }, (_, index) => {
      const row: Record<string, unknown> = {}
      for (const [place, name] of names.entries()) {
        const value = columns[place]?.[index]
        if (value !== undefined) row[name] = value
      }
      return row
    })
}
