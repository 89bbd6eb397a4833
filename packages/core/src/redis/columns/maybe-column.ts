import type { Column } from './column.js'
import { type ColumnReader, refuse } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'

const forms = { none: 0, all: 1, some: 2 } as const

/** Values of which some are not there: `null` where the schema is nullable, absent where it is optional. */
export class MaybeColumn implements Column {
  constructor(
    private readonly inner: Column,
    private readonly nothing: null | undefined,
  ) {}

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    const { nothing, inner } = this
    let presentCount = 0
    for (const value of values) if (value !== nothing) presentCount += 1
    if (presentCount === 0) {
      to.u8(forms.none)
      return true
    }
    if (presentCount === values.length) {
      to.u8(forms.all)
      return inner.write(values, to)
    }
    to.u8(forms.some)
    for (const value of values) to.u8(value === nothing ? 0 : 1)
    return inner.write(
      values.filter((value) => value !== nothing),
      to,
    )
  }

  read(count: number, from: ColumnReader): readonly unknown[] {
    const { nothing, inner } = this
    const form = from.u8()
    if (form === forms.none) return new Array<unknown>(count).fill(nothing)
    if (form === forms.all) return inner.read(count, from)
    if (form !== forms.some) refuse('what is absent is in a form that this version does not know')
    const isThere = Array.from({ length: count }, () => from.u8() === 1)
    const present = inner.read(isThere.filter(Boolean).length, from)
    let next = 0
    return isThere.map((it) => (it ? present[next++] : nothing))
  }
}
