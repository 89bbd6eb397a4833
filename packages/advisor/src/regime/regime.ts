/** The four market regimes: volatile or quiet, trending or ranging. */
export const regimes = ['quietRange', 'quietTrend', 'volatileRange', 'volatileTrend'] as const

/** `quiet` or `volatile` by the rank of volatility, `Trend` or `Range` by the efficiency of the move. */
export type Regime = (typeof regimes)[number]

/** What the classifier says after a closed candle. */
export interface RegimeReading {
  readonly regime: Regime
  /** True for the first bars after a change of regime, and until the windows have filled: trust it less. */
  readonly transition: boolean
  /**
   * How deep inside its regime the market is, in [0, 1]: 1 where every axis is beyond its entry threshold, 0 where one is
   * about to leave. Not a posterior probability.
   */
  readonly membership: number
  /** Share of the last 500 volatilities below the present one. */
  readonly volatilityRank: number
  /** |net move| over the path travelled in 48 bars, both in log price; 0 is noise, 1 a straight line. */
  readonly efficiency: number
  /** Closed candles since the regime began. */
  readonly barCount: number
}
