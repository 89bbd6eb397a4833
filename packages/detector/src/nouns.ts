import { type IndicatorName, type IndicatorParams, indicatorNames } from './indicators/indicator-catalog.js'
import type { StrategyOptions } from './strategy.js'

type IndicatorUse = NonNullable<StrategyOptions['indicators']>[string]

/** Describes the use of an indicator in a strategy. `input` names one of its inputs; the trigger input when absent. */
export type Noun<Name extends IndicatorName> = (
  params?: IndicatorParams<Name>,
  options?: { readonly input?: string },
) => IndicatorUse

/**
 * Every indicator of the catalog as a plain noun: `indicators.ema({ period: 21 })`, `indicators.macd({}, { input: 'trend' })`.
 */
export const indicators = Object.freeze(
  Object.fromEntries(
    indicatorNames.map((name) => [
      name,
      (params: IndicatorUse['params'] = {}, options: { readonly input?: string } = {}) => ({
        indicator: name,
        params,
        ...options,
      }),
    ]),
  ),
) as unknown as { readonly [Name in IndicatorName]: Noun<Name> }
