import { z } from 'zod'
import { columnOf } from './columns/column-of.js'
import { ColumnReader } from './columns/column-reader.js'
import { ColumnWriter } from './columns/column-writer.js'

const ids = columnOf(z.string().max(80))
/** What no JSON begins with. */
const mark = 'C'

/** An answer to a question as columns: history is thousands of candles. `null` when it does not fit its schema: then it goes as JSON. */
export function encodeAnswer(id: string, schema: z.ZodType, reply: unknown): Buffer | null {
  const writer = new ColumnWriter()
  return ids.write([id], writer) && columnOf(schema).write([reply], writer) ? writer.finish(mark) : null
}

export function isInColumns(answer: Buffer): boolean {
  return answer[0] === mark.charCodeAt(0)
}

/** Reads what {@link encodeAnswer} wrote and somebody sent, as the schema that belongs to its id says; throws what is wrong with it. */
export function decodeAnswer(
  answer: Buffer,
  schemaOf: (id: string) => z.ZodType | undefined,
): { readonly id: string; readonly reply: unknown } | null {
  const from = new ColumnReader(answer.subarray(mark.length))
  const id = ids.read(1, from)[0] as string
  const schema = schemaOf(id)
  if (schema === undefined) return null
  const [reply] = columnOf(schema).read(1, from)
  from.end()
  return { id, reply }
}
