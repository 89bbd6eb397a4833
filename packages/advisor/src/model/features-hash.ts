import { createHash } from 'node:crypto'

const notANumber = 0x7fc00000

/**
 * SHA-256 over a feature vector's float32 bytes, little-endian. Works where canonical JSON cannot: a value without meaning
 * is NaN, and every NaN counts as the same one, whichever bits the processor gave it.
 */
export function featuresHash(features: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(4 * features.length))
  features.forEach((value, index) => {
    if (Number.isNaN(value)) bytes.setUint32(4 * index, notANumber, true)
    else bytes.setFloat32(4 * index, value, true)
  })
  return createHash('sha256').update(bytes).digest('hex')
}
