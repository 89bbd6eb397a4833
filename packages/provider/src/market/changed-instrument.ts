import { type Instrument, instrumentRules } from '@barfinex/core'

/**
 * The instrument as it is from now on, with the next revision; `null` when nothing that matters has changed, or when what is said is
 * not of the same instrument: then the old rules stay.
 */
export function changedInstrument(known: Instrument | undefined, said: Instrument): Instrument | null {
  if (known === undefined) return null
  const { kind, base, quote, settle } = said
  const isSame = kind === known.kind && base === known.base && quote === known.quote && settle === known.settle
  if (!isSame || !isReadable(said)) return null
  const revision = Math.max(known.revision + 1, said.revision)
  const isNews = (Object.keys(said) as (keyof Instrument)[]).some((it) => it !== 'revision' && said[it] !== known[it])
  return isNews ? { ...said, revision } : null
}

/** Numbers that are none leave the old rules in force. */
function isReadable(instrument: Instrument): boolean {
  try {
    const { tick, step } = instrumentRules(instrument)
    return tick.isPositive && step.isPositive
  } catch {
    return false
  }
}
