import { BarfinexError } from '@barfinex/core'

/** Bytes of one protobuf message, built field by field in any order. */
export interface MessageWriter {
  integer(field: number, value: number): MessageWriter
  float(field: number, value: number): MessageWriter
  text(field: number, value: string): MessageWriter
  bytes(field: number, value: Uint8Array): MessageWriter
  message(field: number, value: MessageWriter): MessageWriter
  packedIntegers(field: number, values: readonly number[]): MessageWriter
  packedFloats(field: number, values: ArrayLike<number>): MessageWriter
  finish(): Uint8Array
}

/** Starts a protobuf message (wire format of proto3). Integers must be safe and not negative. */
export function messageWriter(): MessageWriter {
  const parts: Uint8Array[] = []
  const block = (field: number, value: Uint8Array): MessageWriter => {
    parts.push(varint(field * 8 + 2), varint(value.length), value)
    return writer
  }
  const writer: MessageWriter = {
    integer: (field, value) => {
      parts.push(varint(field * 8), varint(value))
      return writer
    },
    float: (field, value) => {
      parts.push(varint(field * 8 + 5), floatBytes([value]))
      return writer
    },
    text: (field, value) => block(field, new TextEncoder().encode(value)),
    bytes: block,
    message: (field, value) => block(field, value.finish()),
    packedIntegers: (field, values) => block(field, concat(values.map(varint))),
    packedFloats: (field, values) => block(field, floatBytes(values)),
    finish: () => concat(parts),
  }
  return writer
}

/** Little-endian float32 bytes. */
export function floatBytes(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  for (let i = 0; i < values.length; i += 1) view.setFloat32(4 * i, values[i]!, true)
  return new Uint8Array(view.buffer)
}

/** Float32 values of little-endian bytes. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.byteLength >> 2 }, (_, i) => view.getFloat32(4 * i, true))
}

/** One field of a message as it stood on the wire. */
export interface WireField {
  readonly field: number
  /** Value of a varint field, or of a 32-bit float field; 0 for others. */
  readonly number: number
  /** Content of a length-delimited field; empty for others. */
  readonly bytes: Uint8Array
}

/**
 * Splits a message into its fields, in their order. Groups and unknown wire types are refused.
 *
 * @throws BarfinexError `advisor.model-invalid` when the bytes end in the middle of a field.
 */
export function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const none = new Uint8Array(0)
  let at = 0
  const need = (count: number): void => {
    if (at + count > bytes.length) throw truncated()
  }
  const integer = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      need(1)
      const byte = bytes[at]!
      at += 1
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = integer()
    const field = Math.floor(key / 8)
    const wire = key % 8
    if (wire === 0) {
      fields.push({ field, number: integer(), bytes: none })
    } else if (wire === 2) {
      const length = integer()
      need(length)
      fields.push({ field, number: 0, bytes: bytes.subarray(at, at + length) })
      at += length
    } else if (wire === 5) {
      need(4)
      fields.push({ field, number: view.getFloat32(at, true), bytes: none })
      at += 4
    } else if (wire === 1) {
      need(8)
      fields.push({ field, number: view.getFloat64(at, true), bytes: none })
      at += 8
    } else {
      throw new BarfinexError(
        'advisor.model-invalid',
        `The model file has a field of wire type ${wire}. It is no ONNX file.`,
      )
    }
  }
  return fields
}

/** Integers of a packed field. */
export function readPackedIntegers(bytes: Uint8Array): number[] {
  const values: number[] = []
  let value = 0
  let scale = 1
  for (const byte of bytes) {
    value += (byte & 127) * scale
    scale *= 128
    if (byte < 128) {
      values.push(value)
      value = 0
      scale = 1
    }
  }
  return values
}

function truncated(): BarfinexError {
  return new BarfinexError('advisor.model-invalid', 'The model file ends in the middle of a field. Copy it again.')
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
