import type { Column } from './column.js'
import { type ColumnReader, refuse } from './column-reader.js'
import type { ColumnWriter } from './column-writer.js'

const forms = { same: 0, listed: 1, each: 2 } as const
/** Different texts that are worth a list. */
const longestList = 255
/** After so many texts it shows whether they repeat. */
const probe = 16

/** Text. What repeats is written and checked once. */
export class TextColumn implements Column {
  constructor(private readonly admits: (text: string) => boolean) {}

  write(values: readonly unknown[], to: ColumnWriter): boolean {
    const first = values[0]
    let isSame = true
    for (const value of values) {
      if (typeof value !== 'string') return false
      if (value !== first) isSame = false
    }
    const texts = values as readonly string[]
    if (isSame) {
      to.u8(forms.same)
      to.string(texts[0] ?? '')
      return true
    }
    const places = placesOf(texts)
    if (places === null) {
      to.u8(forms.each)
      for (const text of texts) to.string(text)
      return true
    }
    to.u8(forms.listed)
    to.u8(places.size)
    for (const text of places.keys()) to.string(text)
    for (const text of texts) to.u8(places.get(text) as number)
    return true
  }

  read(count: number, from: ColumnReader): readonly string[] {
    const values: string[] = new Array(count)
    const form = from.u8()
    if (form === forms.same) {
      const text = this.one(from)
      from.repeating(text.length * count)
      return values.fill(text)
    }
    if (form === forms.each) {
      for (let index = 0; index < count; index += 1) values[index] = this.one(from)
      return values
    }
    if (form !== forms.listed) refuse('its text is in a form that this version does not know')
    const list = Array.from({ length: from.u8() }, () => this.one(from))
    let length = 0
    for (let index = 0; index < count; index += 1) {
      const text = list[from.u8()] ?? refuse('a text is not listed')
      values[index] = text
      length += text.length
    }
    from.repeating(length)
    return values
  }

  private one(from: ColumnReader): string {
    const text = from.string()
    return this.admits(text) ? text : refuse(`"${text.slice(0, 60)}" does not fit`)
  }
}

/** The different texts in the order of their first appearance; `null` when there are too many for a list to pay. */
function placesOf(texts: readonly string[]): ReadonlyMap<string, number> | null {
  const places = new Map<string, number>()
  for (const [index, text] of texts.entries()) {
    if (places.has(text)) continue
    if (places.size === longestList || (index >= probe && places.size * 2 > index)) return null
    places.set(text, places.size)
  }
  return places
}
