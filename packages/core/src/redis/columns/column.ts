import type { ColumnReader } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'

/**
 * The same member of many records, one after the other. What is alike in all of them is written once and checked once, and a number
 * takes as many bytes as it needs: a fraction of the time and the space of the same records as JSON.
 */
export interface Column {
  /** Writes the values; false when one of them is not of this kind, and then nothing of what was written is of use. */
  write(values: readonly unknown[], to: ColumnWriter): boolean
  /** Reads `count` values that came from outside, and checks all that their schema does; throws what is wrong with them. */
  read(count: number, from: ColumnReader): readonly unknown[]
}
