import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BarfinexError } from '@barfinex/core'
import { gzipSync, zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { minuteSidecar as sidecar } from '../../../test/minute-sidecar.js'
import { candleAt } from './candle-columns.js'
import { openTape } from './open-tape.js'
import type { CandleTape } from './tape.js'

const rows = [
  '20240101 00:00,100,102,99,101,5',
  '20240101 00:01,101,103,100,102,6',
  '20240101 00:02,102,102.5,101,101.5,7',
]

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tape-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Writes a tape and its sidecar; returns the path. */
function given(content: string | Uint8Array, description: object | null = sidecar, name = 'tape.csv'): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  if (description !== null) writeFileSync(`${path}.tape.json`, JSON.stringify(description))
  return path
}

async function open(...args: Parameters<typeof given>): Promise<CandleTape> {
  const tape = await openTape(given(...args))
  if (tape.kind !== 'candles') throw new Error('Expected candles.')
  return tape
}

async function faultOf(...args: Parameters<typeof given>): Promise<BarfinexError> {
  const error = await openTape(given(...args)).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (BarfinexError.is(error)) return error
  throw new Error(`Expected a fault, got ${String(error)}.`)
}

describe('a candle file', () => {
  test('opens as columns with what its sidecar says', async () => {
    const tape = await open(rows.join('\n'))
    expect(tape).toMatchObject({
      symbols: ['BTC/USDT'],
      timeframe: '1m',
      count: 3,
      startAt: Date.UTC(2024, 0, 1),
      endAt: Date.UTC(2024, 0, 1, 0, 3),
      gaps: { count: 0, missing: 0, longestMs: 0 },
      offGridCount: 0,
      isComplete: true,
      instruments: [{ symbol: 'BTC/USDT', kind: 'spot', settle: 'USDT', makerFeeBps: '1', takerFeeBps: '2' }],
    })
    expect(tape.contentHash).toMatch(/^[0-9a-f]{64}$/)
    expect([...tape.events()]).toMatchObject([
      {
        type: 'candle',
        at: Date.UTC(2024, 0, 1, 0, 1),
        candle: { open: 100, high: 102, low: 99, close: 101, volume: 5 },
      },
      { at: Date.UTC(2024, 0, 1, 0, 2) },
      { at: Date.UTC(2024, 0, 1, 0, 3), candle: { close: 101.5, provenance: 'tape', isFinal: true } },
    ])
  })

  test('reads the same plain, gzipped and zipped, with any line ends', async () => {
    const bytes = new TextEncoder().encode(rows.join('\n'))
    const plain = await open(bytes)
    const others = [
      await open(`${rows.join('\r\n')}\r\n`, sidecar, 'crlf.csv'),
      await open(gzipSync(bytes), sidecar, 'packed.csv.gz'),
      await open(zipSync({ 'inside.csv': bytes }), sidecar, 'packed.zip'),
    ]
    for (const tape of others) expect(tape.columns).toEqual(plain.columns)
  })

  test('reads files longer than a piece, cut at any place', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => {
      const at = new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString()
      return `${at.slice(0, 10).replaceAll('-', '')} ${at.slice(11, 16)},${100 + (index % 7)},110,90,${100 + (index % 5)},${index}`
    })
    const tape = await open(gzipSync(new TextEncoder().encode(many.join('\n'))), sidecar, 'long.csv.gz')
    expect(tape.count).toBe(20_000)
    expect(candleAt(tape.columns, 19_999, 'tape')).toMatchObject({ open: 100, close: 104, volume: 19_999 })
  })

  test('turns a close stamp into the open time, scales prices, and counts quote volume in base', async () => {
    const description = { ...sidecar, stamp: 'close', priceScale: 100, volumeUnit: 'quote' }
    const tape = await open('20240101 00:01,10000,10200,9900,10100,1005', description)
    expect(candleAt(tape.columns, 0, 'tape')).toMatchObject({
      openTime: Date.UTC(2024, 0, 1),
      open: 100,
      high: 102,
      low: 99,
      close: 101,
      volume: 10,
    })
  })

  test('makes the middle of both sides, and keeps them', async () => {
    const columns = [
      'time',
      'bidOpen',
      'bidHigh',
      'bidLow',
      'bidClose',
      'bidSize',
      'askOpen',
      'askHigh',
      'askLow',
      'askClose',
      'askSize',
    ]
    const description = { ...sidecar, columns, volumeUnit: 'none' }
    const tape = await open('20240101 00:00,1,3,0.5,2,0,1.5,3.5,1,2.5,0', description)
    expect(candleAt(tape.columns, 0, 'tape')).toMatchObject({
      open: 1.25,
      high: 3.25,
      low: 0.75,
      close: 2.25,
      volume: 0,
    })
    expect(tape.columns.sides?.askClose[0]).toBe(2.5)
  })

  test('counts holes and prices between two ticks, and keeps both', async () => {
    const tape = await open(['20240101 00:00,100,102,99,101.005,5', '20240101 00:05,101,103,100,102,6'].join('\n'))
    expect(tape.gaps).toEqual({ count: 1, missing: 4, longestMs: 240_000 })
    expect(tape.offGridCount).toBe(1)
    expect(tape.columns.close[0]).toBe(101.005)
  })

  const faults: readonly [string, string[], number, RegExp][] = [
    ['a low above the high', ['20240101 00:00,100,99,102,101,5'], 1, /low 102 is above high 99/],
    ['a close outside the range', [rows[0] as string, '20240101 00:01,101,103,100,104,6'], 2, /outside 100 to 103/],
    ['a price that is no number', ['20240101 00:00,100,NaN,99,101,5'], 1, /high is "NaN"/],
    ['an infinite price', ['20240101 00:00,100,1e999,99,101,5'], 1, /high is "1e999"/],
    ['an empty field', ['20240101 00:00,100,,99,101,5'], 1, /high is ""/],
    ['a price of zero', ['20240101 00:00,0,102,0,101,5'], 1, /open is 0/],
    ['a negative volume', ['20240101 00:00,100,102,99,101,-5'], 1, /volume is -5/],
    ['a column too few', ['20240101 00:00,100,102,99,101'], 1, /5 columns and not 6/],
    ['an instant twice', [rows[0] as string, rows[0] as string], 2, /comes twice/],
    ['rows out of order', [rows[1] as string, rows[0] as string], 2, /earlier than the row before/],
    ['an instant in another form', [rows[0] as string, '2024-01-01 00:01,100,102,99,101,5'], 2, /no instant/],
    ['an empty line in the middle', [rows[0] as string, '', rows[1] as string], 2, /empty/],
  ]
  test.each(faults)('is refused with the row for %s', async (_, lines, row, wrong) => {
    const fault = await faultOf(lines.join('\n'))
    expect(fault.code).toBe('tape.invalid')
    expect(fault.message).toMatch(wrong)
    expect(fault.details).toMatchObject({ row })
  })

  test('is refused when a bar begins off its timeframe', async () => {
    const fault = await faultOf('20240101 00:01,100,102,99,101,5', { ...sidecar, timeframe: '1h' })
    expect(fault.message).toMatch(/not a bound of a 1h bar/)
  })

  test('is refused when it is empty, damaged, absent or holds two files', async () => {
    expect((await faultOf('')).message).toMatch(/no candle/)
    expect((await faultOf(new Uint8Array([31, 139, 8, 0, 1, 2, 3]), sidecar, 'broken.csv.gz')).code).toBe(
      'tape.invalid',
    )
    const two = zipSync({ 'a.csv': new Uint8Array([49]), 'b.csv': new Uint8Array([49]) })
    expect((await faultOf(two, sidecar, 'two.zip')).message).toMatch(/a\.csv and b\.csv/)
    await expect(openTape(join(folder, 'nothing.csv'))).rejects.toMatchObject({ code: 'tape.not-found' })
  })
})

describe('a sidecar', () => {
  test('must be there', async () => {
    expect(await faultOf(rows.join('\n'), null)).toMatchObject({ code: 'tape.sidecar-missing' })
    const path = given(rows.join('\n'), null)
    expect((await openTape(path, { sidecar: sidecar as never })).count).toBe(3)
  })

  const { stamp: _, ...stampless } = sidecar
  const wrongs: readonly [string, object, RegExp][] = [
    ['leaves out the stamp', stampless, /stamp/],
    ['has a key nobody knows', { ...sidecar, timzone: 'UTC' }, /timzone/],
    ['has no column for the time', { ...sidecar, columns: ['open', 'high', 'low', 'close', 'volume'] }, /"time"/],
    [
      'has no closing price',
      { ...sidecar, columns: ['time', 'open', 'high', 'low', 'volume'] },
      /open, high, low, close/,
    ],
    [
      'counts a volume that is not there',
      { ...sidecar, columns: ['time', 'open', 'high', 'low', 'close'] },
      /volumeUnit/,
    ],
    ['has a symbol that is not its pair', { ...sidecar, symbol: 'ETH/USDT' }, /is not BTC\/USDT/],
    ['settles elsewhere', { ...sidecar, symbol: 'BTC/USDT:BTC' }, /settle/],
    ['has an unknown zone', { ...sidecar, timeZone: 'Nowhere' }, /time zone/],
    ['has a time of day without its date', { ...sidecar, time: 'milliseconds of day' }, /date/],
    ['has a tick of zero', { ...sidecar, instrument: { ...sidecar.instrument, tickSize: '0' } }, /tickSize is 0/],
  ]
  test.each(wrongs)('is refused when it %s', async (_name, description, wrong) => {
    const fault = await faultOf(rows.join('\n'), description)
    expect(fault.code).toBe('tape.invalid')
    expect(fault.message).toMatch(wrong)
  })
})
