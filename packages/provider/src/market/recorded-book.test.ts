import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { recordedData } from '@barfinex/core/testing'
import { expect, test } from 'vitest'
import { createCaptureDecoder } from '../exchanges/tape/binance-capture.js'
import { BookFollower } from './book-follower.js'

const files = ['spot_ethusdt_20240808.gz', 'spot_ethusdt_20240809.gz'].map((name) =>
  recordedData(`binance-raw/${name}`),
)
const isThere = files.every((file) => file !== null)
if (!isThere) process.stderr.write('recorded-book: skipped, the recorded captures are not here (set BARFINEX_DATA)\n')

interface Ticker {
  readonly sequence: number
  readonly best: string
}

const bestOf = (bid: number, bidQuantity: number, ask: number, askQuantity: number) =>
  `${bid} x ${bidQuantity} | ${ask} x ${askQuantity}`

test.skipIf(!isThere)('a book kept from two real captures shows the recorded best bid and ask', () => {
  const decoder = createCaptureDecoder('ETH/USDT', 'ETHUSDT')
  const follower = new BookFollower()
  const tickers: Ticker[] = []
  const outcomes: Record<string, number> = {}
  let compared = 0
  let equal = 0
  let firstUnequal = -1

  for (const path of files) {
    for (const line of gunzipSync(readFileSync(path as string))
      .toString()
      .split('\n')) {
      if (line === '') continue
      const frame = JSON.parse(line.slice(line.indexOf(' ') + 1)) as {
        stream?: string
        data?: { u: number; b: string; B: string; a: string; A: string }
      }
      if (frame.stream?.endsWith('@bookTicker') === true && frame.data !== undefined) {
        const { u, b, B, a, A } = frame.data
        tickers.push({ sequence: u, best: bestOf(Number(b), Number(B), Number(a), Number(A)) })
      }
      for (const event of decoder.decode(line)) {
        if (event.type !== 'book') continue
        const outcome = follower.take(event.change, () => {})
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        // The stream of best prices runs ahead of the batched book: compare with the newest one that the book has reached.
        const reached = tickers.findLastIndex((ticker) => ticker.sequence <= follower.sequence)
        const ticker = tickers[reached]
        tickers.splice(0, Math.max(0, reached))
        if (ticker === undefined) continue
        const { bestBid, bestBidQuantity, bestAsk, bestAskQuantity } = follower.book
        const isEqual = bestOf(bestBid, bestBidQuantity, bestAsk, bestAskQuantity) === ticker.best
        if (isEqual) equal += 1
        else if (firstUnequal < 0) firstUnequal = compared
        compared += 1
      }
    }
  }
  expect(outcomes['crossed']).toBeUndefined()
  expect(outcomes['applied']).toBeGreaterThan(1_000)
  expect({ compared, equal, outcomes, firstUnequal }).toMatchObject({ equal: compared })
})
