/** Members of lists that one frame may hold: a few bytes that say "a billion times the same" must not fill the memory. */
const mostMembers = 1_048_576
/** Characters of JSON in it, each as often as it is parsed. */
const mostParsed = 16_777_216
/** Characters of text that it says once and means many times, each as often as it is meant. */
const mostRepeated = 16_777_216

/** Reads what a `ColumnWriter` wrote and somebody sent. Never beyond its end: throws instead. */
export class ColumnReader {
  private readonly view: DataView
  private readonly text: string
  private at = 0
  private textAt = 0
  private memberCount = 0
  private parsedCount = 0
  private repeatedCount = 0

  constructor(body: Buffer) {
    if (body.length < 5) refuse('it is too short')
    const textLength = body.readUInt32LE(1)
    const form = body[0]
    const end = 5 + textLength
    if (end > body.length || (form !== 0 && form !== 1)) refuse('its text is cut')
    this.text = body.toString(form === 0 ? 'latin1' : 'utf8', 5, end)
    this.view = new DataView(body.buffer, body.byteOffset + end, body.length - end)
  }

  u8(): number {
    const { at } = this
    this.at = at + 1
    return this.view.getUint8(at)
  }

  u16(): number {
    const { at } = this
    this.at = at + 2
    return this.view.getUint16(at, true)
  }

  u32(): number {
    const { at } = this
    this.at = at + 4
    return this.view.getUint32(at, true)
  }

  f64(): number {
    const { at } = this
    this.at = at + 8
    return this.view.getFloat64(at, true)
  }

  string(): string {
    const short = this.u8()
    const length = short < 255 ? short : this.u32()
    const start = this.textAt
    const end = start + length
    if (end > this.text.length) refuse('its text ends too early')
    this.textAt = end
    return this.text.slice(start, end)
  }

  /** Takes up room for so many members of lists. */
  members(count: number): number {
    this.memberCount += count
    if (this.memberCount > mostMembers) refuse('it holds too much')
    return count
  }

  /** So much JSON is parsed. */
  parsing(length: number): void {
    this.parsedCount += length
    if (this.parsedCount > mostParsed) refuse('it holds too much')
  }

  /** So much text is repeated. */
  repeating(length: number): void {
    this.repeatedCount += length
    if (this.repeatedCount > mostRepeated) refuse('it holds too much')
  }

  /** Everything must have been read. */
  end(): void {
    if (this.at !== this.view.byteLength || this.textAt !== this.text.length) refuse('something is left over')
  }
}

/** Ends the reading of what is not as it should be. */
export function refuse(why: string): never {
  throw new Error(why)
}
