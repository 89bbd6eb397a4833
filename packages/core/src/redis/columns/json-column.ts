import type { z } from 'zod'
import type { Column } from './column.js'
import { type ColumnReader, refuse } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'
import { parseHonest } from './parse-honest.js'
import { TextColumn } from './text-column.js'

/** Whatever has no column of its own: JSON, checked by its schema. */
export class JsonColumn implements Column {
  private readonly texts = new TextColumn(() => true)

  constructor(private readonly schema: z.core.$ZodType) {}

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    // What JSON has no text for comes out as none, and the texts are refused.
    return this.texts.write(
      values.map((value) => JSON.stringify(value) as string | undefined),
      to,
    )
  }

  read(count: number, from: ColumnReader): readonly unknown[] {
    return this.texts.read(count, from).map((text) => {
      from.parsing(text.length)
      const parsed = (this.schema as z.ZodType).safeParse(parseHonest(text))
      if (parsed.success) return parsed.data
      const [issue] = parsed.error.issues
      return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
    })
  }
}
