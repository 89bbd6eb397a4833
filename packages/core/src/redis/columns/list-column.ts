import type { Column } from './column.js'
import { type ColumnReader, refuse } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'
import { NumberColumn } from './number-column.js'

/** Lists: their lengths, and the members of all of them as one column. */
export class ListColumn implements Column {
  private readonly lengths: NumberColumn

  constructor(
    private readonly member: Column,
    admitsLength: (length: number) => boolean,
  ) {
    this.lengths = new NumberColumn({ isInteger: true, admits: (value) => value >= 0 && admitsLength(value) })
  }

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    if (!values.every(Array.isArray)) return false
    const lists = values as readonly (readonly unknown[])[]
    const members = lists.flat()
    return (
      this.lengths.write(
        lists.map(({ length }) => length),
        to,
      ) &&
      (members.length === 0 || this.member.write(members, to))
    )
  }

  read(count: number, from: ColumnReader): readonly unknown[] {
    const lengths = this.lengths.read(count, from)
    let total = 0
    for (const length of lengths) total += length
    if (total === 0) return lengths.map(() => [])
    const members = this.member.read(from.members(total), from)
    if (members.length !== total) refuse('a list has members that are not there')
    let at = 0
    return lengths.map((length) => {
      at += length
      return members.slice(at - length, at)
    })
  }
}
