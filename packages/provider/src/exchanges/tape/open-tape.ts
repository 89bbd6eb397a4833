import { existsSync } from 'node:fs'
import { BarfinexError } from '@barfinex/core'
import { readBinanceCapture } from './binance-capture.js'
import { isBtape, readBtape } from './read-btape.js'
import { readCandleCsv } from './read-candle-csv.js'
import type { Tape } from './tape.js'
import { checkSidecar, readSidecar, type TapeSidecarInput } from './tape-sidecar.js'

export interface OpenTapeOptions {
  /** Description of the tape, in place of the file `<tape>.tape.json` beside it. */
  readonly sidecar?: TapeSidecarInput
}

/**
 * Opens a recorded market: our own `.btape`; candles as CSV, plain, `.gz` or in a `.zip`; or a raw capture of Binance's
 * combined stream. Everything but our own format needs a sidecar that says what the file means. The whole file is checked
 * now, so what opens can be played to its end.
 *
 * @throws `tape.not-found`, `tape.sidecar-missing`, `tape.invalid` with the row
 *
 * @example
 * const tape = await openTape('candles.csv')
 * console.log(tape.symbols, tape.count)
 */
export async function openTape(path: string, options: OpenTapeOptions = {}): Promise<Tape> {
  if (!existsSync(path)) {
    const message = `There is no tape "${path}". Give the path of an existing file.`
    throw new BarfinexError('tape.not-found', message, { details: { path } })
  }
  if (isBtape(path)) return readBtape(path)
  const sidecar =
    options.sidecar === undefined ? readSidecar(path) : checkSidecar(options.sidecar, `sidecar of ${path}`)
  return sidecar.format === 'candles' ? readCandleCsv(path, sidecar) : readBinanceCapture(path, sidecar)
}
