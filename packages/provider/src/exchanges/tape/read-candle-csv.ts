import { createHash } from 'node:crypto'
import { closeTimeOf, openTimeOf, timeframeMs } from '@barfinex/core'
import { InstrumentGrid, ledgerDigits } from '../matching/instrument-grid.js'
import { type CandleColumns, candleEvents } from './candle-columns.js'
import { ColumnBuilder } from './column-builder.js'
import { readLines } from './read-chunks.js'
import { type TimeReader, timeReader } from './read-time.js'
import type { CandleTape } from './tape.js'
import { tapeFault } from './tape-fault.js'
import { type CandleSidecar, instrumentOf } from './tape-sidecar.js'

const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/
const priceNames = ['open', 'high', 'low', 'close'] as const
const sideNames = ['bidOpen', 'bidHigh', 'bidLow', 'bidClose', 'askOpen', 'askHigh', 'askLow', 'askClose'] as const

/**
 * Reads a candle file into columns and refuses it, with the row, at the first thing that is wrong: a value that is no
 * number, a low above a high, an instant off the timeframe, twice or out of order. Holes are allowed and counted.
 */
export function readCandleCsv(path: string, sidecar: CandleSidecar): CandleTape {
  const { symbol, timeframe } = sidecar
  const readAt = timeReader(sidecar.time, sidecar.timeZone, sidecar.date)
  if (typeof readAt === 'string') throw tapeFault({ path: `${path}.tape.json` }, readAt, 'Correct the sidecar.')
  const instrument = instrumentOf(sidecar)
  const hash = createHash('sha256')
  const rows = new CandleRows(path, sidecar, readAt)
  let isHeader = sidecar.header
  let blankRow = 0
  for (const line of readLines(path, (stored) => hash.update(stored))) {
    if (isHeader) {
      rows.checkHeader(line)
      isHeader = false
    } else if (line === '') {
      blankRow = rows.count + 1
    } else if (blankRow > 0) {
      throw tapeFault({ path, row: blankRow }, 'the line is empty', 'Take it out.')
    } else {
      rows.add(line)
    }
  }
  if (rows.count === 0) throw tapeFault({ path }, 'it holds no candle', 'Give a file with at least one row of data.')
  const columns = rows.columns()
  return {
    kind: 'candles',
    path,
    symbols: [symbol],
    instruments: [instrument],
    contentHash: hash.digest('hex'),
    startAt: columns.openTime[0]!,
    endAt: closeTimeOf(timeframe, columns.openTime[columns.count - 1]!),
    count: columns.count,
    isComplete: true,
    timeframe,
    columns,
    volumeUnit: sidecar.volumeUnit,
    gaps: rows.gaps,
    offGridCount: rows.offGridCount,
    events: () => candleEvents(columns),
  }
}

class CandleRows {
  count = 0
  offGridCount = 0
  readonly gaps = { count: 0, missing: 0, longestMs: 0 }
  private readonly grid: InstrumentGrid
  private readonly timeColumn: number
  private readonly priceColumns: readonly number[]
  private readonly volumeColumn: number
  private readonly hasSides: boolean
  private readonly openTime = new ColumnBuilder()
  private readonly volume = new ColumnBuilder()
  private readonly prices: readonly ColumnBuilder[]
  private readonly row: Float64Array
  private expected = Number.NaN

  constructor(
    private readonly path: string,
    private readonly sidecar: CandleSidecar,
    private readonly readAt: TimeReader,
  ) {
    const { columns } = sidecar
    const instrument = instrumentOf(sidecar)
    const digits = ledgerDigits([instrument])
    this.grid = new InstrumentGrid(instrument, digits.get(instrument.quote) ?? 8, digits.get(instrument.base) ?? 8)
    this.hasSides = columns.includes('bidOpen')
    this.timeColumn = Math.max(columns.indexOf('time'), columns.indexOf('timestamp'))
    this.priceColumns = (this.hasSides ? sideNames : priceNames).map((name) => columns.indexOf(name))
    this.volumeColumn = sidecar.volumeUnit === 'none' ? -1 : columns.indexOf('volume')
    this.prices = this.priceColumns.map(() => new ColumnBuilder())
    this.row = new Float64Array(this.priceColumns.length)
  }

  checkHeader(line: string): void {
    const { columns } = this.sidecar
    const names = line.split(',')
    if (names.length !== columns.length) {
      const wrong = `its header has ${names.length} columns and the sidecar names ${columns.length}`
      throw tapeFault({ path: this.path }, wrong, 'Make them agree.')
    }
  }

  add(line: string): void {
    const { sidecar, row } = this
    const parts = line.split(',')
    if (parts.length !== sidecar.columns.length) {
      throw this.fault(
        `it has ${parts.length} columns and not ${sidecar.columns.length}`,
        'Make file and sidecar agree.',
      )
    }
    const openTime = this.openTimeOf(parts[this.timeColumn] as string)
    for (let index = 0; index < row.length; index += 1) {
      const column = this.priceColumns[index] as number
      row[index] = this.number(parts[column] as string, column) / sidecar.priceScale
      if (!(row[index]! > 0)) throw this.fault(`${sidecar.columns[column]} is ${parts[column]}`, 'A price is above 0.')
    }
    this.checkBar(0)
    if (this.hasSides) {
      this.checkBar(4)
      if (row[4]! < row[0]! || row[7]! < row[3]!)
        throw this.fault('the ask is below the bid', 'Correct or leave out the row.')
    }
    this.openTime.push(openTime)
    for (let index = 0; index < row.length; index += 1) (this.prices[index] as ColumnBuilder).push(row[index]!)
    this.volume.push(this.volumeColumn < 0 ? 0 : this.baseVolume(parts[this.volumeColumn] as string))
    if (row.some((price) => this.grid.price(this.grid.ticksNear(price)) !== price)) this.offGridCount += 1
    this.count += 1
  }

  columns(): CandleColumns {
    const { symbol, timeframe } = this.sidecar
    const [open, high, low, close, askOpen, askHigh, askLow, askClose] = this.prices.map((it) => it.column()) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      ...Float64Array[],
    ]
    const shared = {
      symbol,
      timeframe,
      count: this.count,
      openTime: this.openTime.column(),
      volume: this.volume.column(),
    }
    if (askOpen === undefined || askHigh === undefined || askLow === undefined || askClose === undefined) {
      return { ...shared, open, high, low, close, tradeCount: null, sides: null }
    }
    const middle = (bid: Float64Array, ask: Float64Array) => bid.map((price, index) => (price + ask[index]!) / 2)
    return {
      ...shared,
      open: middle(open, askOpen),
      high: middle(high, askHigh),
      low: middle(low, askLow),
      close: middle(close, askClose),
      tradeCount: null,
      sides: { bidOpen: open, bidHigh: high, bidLow: low, bidClose: close, askOpen, askHigh, askLow, askClose },
    }
  }

  private openTimeOf(text: string): number {
    const { timeframe, stamp, time, timeZone } = this.sidecar
    const at = this.readAt(text)
    if (Number.isNaN(at))
      throw this.fault(`"${text}" is no instant of "${time}" in ${timeZone}`, 'Correct row or sidecar.')
    if (openTimeOf(timeframe, at) !== at) {
      throw this.fault(
        `"${text}" is not a bound of a ${timeframe} bar (they align to 00:00 UTC)`,
        'Correct row or sidecar.',
      )
    }
    const openTime = stamp === 'open' ? at : openTimeOf(timeframe, at - 1)
    if (openTime < this.expected) {
      const isTwice = closeTimeOf(timeframe, openTime) === this.expected
      throw this.fault(
        isTwice ? `"${text}" comes twice` : `"${text}" is earlier than the row before`,
        'Sort the rows, each instant once.',
      )
    }
    if (openTime > this.expected) {
      const holeMs = openTime - this.expected
      this.gaps.count += 1
      this.gaps.missing += Math.round(holeMs / timeframeMs(timeframe))
      this.gaps.longestMs = Math.max(this.gaps.longestMs, holeMs)
    }
    this.expected = closeTimeOf(timeframe, openTime)
    return openTime
  }

  /** Open, high, low and close from `first` on must be those of a bar. */
  private checkBar(first: number): void {
    const { row } = this
    const open = row[first]!
    const high = row[first + 1]!
    const low = row[first + 2]!
    const close = row[first + 3]!
    if (low > high) throw this.fault(`low ${low} is above high ${high}`, 'Correct or leave out the row.')
    if (open < low || open > high || close < low || close > high) {
      throw this.fault(`open ${open} or close ${close} lies outside ${low} to ${high}`, 'Correct or leave out the row.')
    }
  }

  private baseVolume(text: string): number {
    const volume = this.number(text, this.volumeColumn)
    if (volume < 0) throw this.fault(`volume is ${text}`, 'A volume is 0 or more.')
    if (this.sidecar.volumeUnit === 'base') return volume
    // The mean of the four prices stands for the price at which the quote volume was traded.
    const { row } = this
    return (4 * volume) / (row[0]! + row[1]! + row[2]! + row[3]!)
  }

  private number(text: string, column: number): number {
    const value = number.test(text) ? Number(text) : Number.NaN
    if (Number.isFinite(value)) return value
    throw this.fault(
      `${this.sidecar.columns[column]} is "${text}" and not a finite number`,
      'Correct or leave out the row.',
    )
  }

  private fault(wrong: string, advice: string) {
    return tapeFault({ path: this.path, row: this.count + 1 }, wrong, advice)
  }
}
