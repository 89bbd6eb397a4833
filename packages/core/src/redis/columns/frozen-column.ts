import type { Column } from './column.js'
import type { ColumnReader } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'

/** Values that nobody may change, as their schema wants them. */
export class FrozenColumn implements Column {
  constructor(private readonly inner: Column) {}

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    return this.inner.write(values, to)
  }

  read(count: number, from: ColumnReader): readonly unknown[] {
    const values = this.inner.read(count, from)
    for (const value of values) Object.freeze(value)
    return values
  }
}
