import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createMarketGenerator, generateCandles } from '../exchanges/paper/market-generator.js'
import { paper } from '../exchanges/paper/paper.js'
import { paperInstrument } from '../exchanges/paper/paper-instrument.js'
import { paperStartAt } from '../exchanges/paper/paper-options.js'
import { candleEvents } from '../exchanges/tape/candle-columns.js'
import { writeTape } from '../exchanges/tape/record-tape.js'
import type { TapeEvent } from '../exchanges/tape/tape.js'
import { exchangeContract } from './exchange-contract.js'
import { onVirtualClock } from './exchange-under-test.js'

const folder = mkdtempSync(join(tmpdir(), 'contract-'))
afterAll(() => rmSync(folder, { recursive: true }))

exchangeContract('generated spot', () => onVirtualClock(paper({ seed: 7, symbols: ['BTC/USDT'] })))
exchangeContract('generated swap', () => onVirtualClock(paper({ seed: 8, symbols: ['ETH/USDT:USDT'] })))
exchangeContract('fees in what is received', () =>
  onVirtualClock(paper({ seed: 9, symbols: ['SOL/USDT'], feeAsset: 'received', latencyMs: 0 })),
)

const instrument = paperInstrument(3, 'BTC/USDT', { maker: '2', taker: '4' })
const candles = join(folder, 'candles.btape')
writeTape(candles, [instrument], candleEvents(generateCandles(3, 600)))
exchangeContract('a tape of candles', () => onVirtualClock(paper({ tape: candles })))

const events = join(folder, 'events.btape')
writeTape(events, [instrument], ticks())
exchangeContract('a tape of quotes, trades and book', () => onVirtualClock(paper({ tape: events })))

/** An hour of a generated market with a small book around each quote, as a recorder would have heard it. */
function* ticks(): Generator<TapeEvent> {
  const { symbol } = instrument
  const market = createMarketGenerator({ seed: 3, symbol, originAt: paperStartAt, ticksPerMinute: 12, instrument })
  let sequence = 1
  let tradeId = 1
  for (let openTime = paperStartAt; openTime < paperStartAt + 3 * 3_600_000; openTime += 60_000) {
    const minute = market.minute(openTime)
    for (let index = 0; index < minute.count; index += 1) {
      const at = minute.at[index] as number
      const bid = minute.bid[index] as number
      const ask = minute.ask[index] as number
      const gap = ask - bid
      const around = (best: number, sign: number) =>
        [0, 1, 2].map((level): [number, number] => [best + sign * level * gap, 5 * (level + 1)])
      const change = {
        symbol,
        kind: 'snapshot',
        firstSequence: sequence,
        lastSequence: sequence,
        bids: around(bid, -1),
        asks: around(ask, 1),
        occurredAt: at,
      } as const
      yield { type: 'book', at, change }
      yield { type: 'quote', at, quote: { symbol, bid, ask, bidQuantity: 5, askQuantity: 5, occurredAt: at } }
      sequence += 1
      for (
        let trade = minute.firstTrade[index] as number;
        trade < (minute.firstTrade[index + 1] as number);
        trade += 1
      ) {
        const price = minute.tradePrice[trade] as number
        const quantity = minute.tradeQuantity[trade] as number
        const takerSide = minute.tradeIsBuy[trade] === 1 ? 'buy' : 'sell'
        yield {
          type: 'trade',
          at,
          trade: { symbol, tradeId: String(tradeId++), price, quantity, takerSide, occurredAt: at },
        }
      }
    }
  }
}
