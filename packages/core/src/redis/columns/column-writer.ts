/** Texts that UTF-8 cannot carry. */
const loneSurrogate = /\p{Surrogate}/u
const firstLength = 1_024

/** Where columns are written: numbers into bytes, and all text into one, made into bytes at the end. Little-endian. */
export class ColumnWriter {
  private bytes = Buffer.allocUnsafe(firstLength)
  private view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
  private length = 0
  private text = ''
  private scratch = new Float64Array(64)

  /** Forgets what was written. The memory is used again. */
  clear(): void {
    this.length = 0
    this.text = ''
  }

  /** Space for as many numbers; the next caller gets the same. */
  numbers(count: number): Float64Array {
    if (this.scratch.length < count) this.scratch = new Float64Array(count * 2)
    return this.scratch
  }

  u8(value: number): void {
    this.room(1)
    this.view.setUint8(this.length, value)
    this.length += 1
  }

  u16(value: number): void {
    this.room(2)
    this.view.setUint16(this.length, value, true)
    this.length += 2
  }

  u32(value: number): void {
    this.room(4)
    this.view.setUint32(this.length, value, true)
    this.length += 4
  }

  f64(value: number): void {
    this.room(8)
    this.view.setFloat64(this.length, value, true)
    this.length += 8
  }

  string(value: string): void {
    if (value.length < 255) this.u8(value.length)
    else {
      this.u8(255)
      this.u32(value.length)
    }
    this.text += value
  }

  /** Everything that was written, after `head`; `null` when its text is none that UTF-8 can carry. */
  finish(head: string): Buffer | null {
    const { text, length } = this
    const textLength = Buffer.byteLength(text)
    const isAscii = textLength === text.length
    if (!isAscii && loneSurrogate.test(text)) return null
    const start = head.length
    const whole = Buffer.allocUnsafe(start + 5 + textLength + length)
    whole.write(head, 0, 'latin1')
    whole[start] = isAscii ? 0 : 1
    whole.writeUInt32LE(textLength, start + 1)
    whole.write(text, start + 5, isAscii ? 'latin1' : 'utf8')
    whole.set(this.bytes.subarray(0, length), start + 5 + textLength)
    return whole
  }

  private room(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const more = Buffer.allocUnsafe(this.bytes.length * 2)
    more.set(this.bytes.subarray(0, this.length))
    this.bytes = more
    this.view = new DataView(more.buffer, more.byteOffset, more.length)
  }
}
