export { ccxt } from './ccxt/ccxt.js'
export type { CcxtOptions } from './ccxt/ccxt-options.js'
export type {
  AccountSnapshot,
  ConnectOptions,
  Exchange,
  ExchangeCapabilities,
  ExchangeFactory,
  ExchangeReport,
  GapSink,
  MarketSink,
  OrderRecord,
  Payment,
  ReportSink,
} from './exchange.js'
export type { BarRange } from './matching/cross-bar.js'
export type { QuotedLevels } from './matching/external-book.js'
export type { CrossingPrice } from './matching/follow-market.js'
export { createMatchingEngine, type MatchingEngine, type MatchingEngineOptions } from './matching/matching-engine.js'
export type { MatchingEvent, SelfTradePrevention } from './matching/matching-event.js'
export { type RefusalCode, refusalCodes } from './matching/order-refusal.js'
export { type MarketCharacter, marketCharacter } from './paper/market-character.js'
export {
  createMarketGenerator,
  type GenerateCandlesOptions,
  generateCandles,
  type MarketGenerator,
  type MarketGeneratorOptions,
} from './paper/market-generator.js'
export type { MinuteTicks } from './paper/market-ticks.js'
export { type PaperFactory, paper } from './paper/paper.js'
export type { PaperExchange } from './paper/paper-exchange.js'
export { type PaperFees, paperInstrument } from './paper/paper-instrument.js'
export { type PaperOptions, paperOptions, paperStartAt } from './paper/paper-options.js'
export { type CandleColumns, candleAt, candleEvents, type QuotedSides } from './tape/candle-columns.js'
export { type OpenTapeOptions, openTape } from './tape/open-tape.js'
export { type RecordTapeOptions, recordTape, type TapeRecorder, writeTape } from './tape/record-tape.js'
export type { CandleTape, EventTape, Tape, TapeEvent, TapeGaps } from './tape/tape.js'
export { candleSidecar, captureSidecar, type TapeSidecarInput } from './tape/tape-sidecar.js'
