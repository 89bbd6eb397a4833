import type { Column } from './column.js'
import { type ColumnReader, refuse } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'

const mixed = 2

/** True or false; one byte when all are alike. */
export class FlagColumn implements Column {
  write(values: readonly unknown[], to: ColumnWriter): boolean {
    if (values.some((value) => typeof value !== 'boolean')) return false
    const isSame = values.every((value) => value === values[0])
    to.u8(isSame ? Number(values[0] ?? false) : mixed)
    if (!isSame) for (const value of values) to.u8(Number(value))
    return true
  }

  read(count: number, from: ColumnReader): readonly boolean[] {
    const form = from.u8()
    if (form < mixed) return new Array<boolean>(count).fill(form === 1)
    if (form > mixed) refuse('its flags are in a form that this version does not know')
    return Array.from({ length: count }, () => {
      const value = from.u8()
      return value < mixed ? value === 1 : refuse('a flag is neither true nor false')
    })
  }
}
