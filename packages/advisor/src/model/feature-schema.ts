import { hashOf } from '@barfinex/core'

/** One column of the feature vector. */
export interface FeatureColumn {
  readonly name: string
  /** In the notation of the schema's note. */
  readonly formula: string
}

/** What the columns of a feature vector mean, in their order. */
export interface FeatureSchema {
  readonly version: number
  /** Closed candles that one vector needs, the judged one included. */
  readonly lookback: number
  /** Closed bars of a higher timeframe without which that timeframe counts as neutral. */
  readonly higherLookback: number
  readonly note: string
  readonly columns: readonly FeatureColumn[]
}

const column = (name: string, formula: string): FeatureColumn => ({ name, formula })

/**
 * The feature vector of every model here, as data.
 *
 * All prices enter as logarithms, so multiplying prices by a constant changes nothing, and mirroring the market
 * together with the direction changes nothing either.
 */
export const featureSchema: FeatureSchema = {
  version: 1,
  lookback: 520,
  higherLookback: 42,
  note:
    's: +1 long, -1 short. o h l c: natural logarithms of the judged candle. r(k): c less the close k bars before. ' +
    'A: ATR14 (Wilder). E(n): exponential mean of c. sd(n): standard deviation of the last n r(1). All start at the ' +
    'first of the lookback candles and use closed candles only.',
  columns: [
    column('return1', 's·r(1)/sd(20)'),
    column('return3', 's·r(3)/(sd(20)·√3)'),
    column('return12', 's·r(12)/(sd(20)·√12)'),
    column('return48', 's·r(48)/(sd(20)·√48)'),
    column('return200', 's·r(200)/(sd(20)·√200)'),
    column('aboveEma21', 's·(c−E(21))/A'),
    column('aboveEma55', 's·(c−E(55))/A'),
    column('aboveEma200', 's·(c−E(200))/A'),
    column('ema8Above21', 's·(E(8)−E(21))/A'),
    column('ema21Above55', 's·(E(21)−E(55))/A'),
    column('ema55Slope', 's·(E(55)−E(55) 8 bars before)/A'),
    column('rsi14', 's·(RSI14−50)/50'),
    column('rsi5', 's·(RSI5−50)/50'),
    column('bollinger', 's·(c−mean20(c))/sd20(c)'),
    column('bandWidth', '4·sd20(c)/A'),
    column('volatilityRatio', 'sd(20)/sd(100)'),
    column('volatilityRank', 'share of the last 500 sd(20) below the present one, ties half'),
    column('rangeVolatility', 'Parkinson20/sd(20)'),
    column('atrPercent', '100·A'),
    column('trueRange', 'true range/A'),
    column('efficiency48', '|r(48)|/Σ|r(1)| over 48'),
    column('autocorrelation48', 'lag 1, over 48 r(1)'),
    column('closeInBar', 's·(2c−h−l)/(h−l); 0 for a bar without range'),
    column('wickAhead', 'wick on the side of the target/A: upper for long, lower for short'),
    column('wickBehind', 'wick on the side of the stop/A'),
    column('donchian20', 's·(2c−H20−L20)/(H20−L20)'),
    column('spread', '(spread/close)/A'),
    column('volumeZ50', '(volume−mean50)/sd50; 0 without volume'),
    column('hourSine', 'sin(2π·time of day at the close, UTC)'),
    column('hourCosine', 'cos(2π·time of day at the close, UTC)'),
    column('hitRate', '(won+8)/(count+20) over the last 30 resolved signals of the strategy'),
    column('higherTrend', 's·mean sign(E(8)−E(21)) over the higher timeframes'),
    column('hasVolume', '1 when the last 50 candles have volume, else 0'),
  ],
}

/** Length of a feature vector: the 32 features and the mask of the volume. */
export const featureCount = featureSchema.columns.length

/** Identity of the schema: a model trained on another one must not be asked. */
export function featureSchemaHash(): string {
  return hashOf(featureSchema)
}
