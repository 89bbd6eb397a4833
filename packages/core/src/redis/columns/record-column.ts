import { canGenerateCode } from '../../bus/call-list.js'
import type { Column } from './column.js'
import type { ColumnReader } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'
import { compileJoin, compileSplit, type Join, plainJoin, plainSplit, type Split } from './row-code.js'

export interface Member {
  readonly name: string
  readonly column: Column
  readonly isOptional: boolean
}

/** Records, member by member, in the order of their schema. Members that the schema does not name are left behind. */
export class RecordColumn implements Column {
  private readonly split: Split
  private readonly joinMixed: Join
  /** By the names of the members that are there. */
  private readonly joins = new Map<string, Join>()

  constructor(
    private readonly members: readonly Member[],
    private readonly isCompiled = canGenerateCode(),
  ) {
    const names = members.map(({ name }) => name)
    this.split = isCompiled ? compileSplit(names) : plainSplit(names)
    this.joinMixed = plainJoin(names)
  }

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    const columns = this.split(values)
    return columns?.every((own, place) => this.members[place]?.column.write(own, to)) ?? false
  }

  read(count: number, from: ColumnReader): readonly unknown[] {
    const columns: (readonly unknown[])[] = []
    const names: string[] = []
    const there: (readonly unknown[])[] = []
    let isMixed = !this.isCompiled
    for (const { name, column, isOptional } of this.members) {
      const values = column.read(count, from)
      columns.push(values)
      const absentCount = isOptional ? values.filter((value) => value === undefined).length : 0
      if (absentCount === 0) {
        names.push(name)
        there.push(values)
      } else if (absentCount < count) isMixed = true
    }
    return isMixed ? this.joinMixed(columns, count) : this.joinOf(names)(there, count)
  }

  private joinOf(names: readonly string[]): Join {
    const key = names.join(' ')
    let join = this.joins.get(key)
    if (join === undefined) {
      join = compileJoin(names)
      this.joins.set(key, join)
    }
    return join
  }
}
