import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import type { CandleColumns } from '@barfinex/core'

/** Mid-price candles with the spread at each close. */
export interface QuotedCandles {
  readonly candles: CandleColumns
  readonly spread: Float64Array
}

/**
 * Reads hourly bid and ask candles (time as `YYYYMMDD HH:mm` UTC, bid open high low close size, ask likewise) from a zip
 * in the folder of recorded data; `null` when it is not there.
 */
export function readQuotedCandles(name: string): QuotedCandles | null {
  const folder = process.env['BARFINEX_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
  const path = join(folder, 'candles', name)
  if (!existsSync(path)) return null
  const rows = firstEntry(readFileSync(path))
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  const mid = (column: number) => Float64Array.from(rows, (row) => (Number(row[column]) + Number(row[column + 5])) / 2)
  return {
    candles: {
      length: rows.length,
      openTime: Float64Array.from(rows, (row) => openTimeOf(row[0] ?? '')),
      open: mid(1),
      high: mid(2),
      low: mid(3),
      close: mid(4),
      volume: new Float64Array(rows.length),
    },
    spread: Float64Array.from(rows, (row) => Number(row[9]) - Number(row[4])),
  }
}

function openTimeOf(text: string): number {
  const part = (from: number, to: number) => Number(text.slice(from, to))
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(9, 11), part(12, 14))
}

/** Content of the first file of a zip archive, found through its central directory. */
function firstEntry(zip: Buffer): string {
  const directory = zip.readUInt32LE(zip.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  const method = zip.readUInt16LE(directory + 10)
  const size = zip.readUInt32LE(directory + 20)
  const header = zip.readUInt32LE(directory + 42)
  const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const content = zip.subarray(from, from + size)
  return (method === 0 ? content : inflateRawSync(content)).toString('utf8')
}
