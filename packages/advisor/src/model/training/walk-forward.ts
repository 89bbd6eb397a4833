/** One fold: positions of rows, in order of time. */
export interface Fold {
  /** Rows whose labels were known, with a margin, before the first test row. */
  readonly train: readonly number[]
  readonly test: readonly number[]
}

/** What a split needs to know of the rows, in order of `knownAt`. */
export interface TimedRows {
  readonly rowCount: number
  readonly knownAt: Float64Array
  readonly resolvedAt: Float64Array
}

/**
 * Splits rows into expanding folds: each is tested on the next stretch of time, trained on everything before it.
 *
 * Purged: no training label was still open at the first test row. Embargoed: none resolved within `embargoMs` before it.
 *
 * @param foldCount Stretches tested; one more of the same length is only trained on.
 */
export function walkForward(rows: TimedRows, foldCount: number, embargoMs: number): readonly Fold[] {
  const folds: Fold[] = []
  const edge = (part: number) => Math.floor((part * rows.rowCount) / (foldCount + 1))
  for (let fold = 1; fold <= foldCount; fold += 1) {
    const test = positions(edge(fold), edge(fold + 1))
    if (test.length === 0) continue
    folds.push({ train: purged(rows, edge(fold), rows.knownAt[test[0]!]! - embargoMs), test })
  }
  return folds
}

/** Splits the rows once, into the earlier `share` and the rest, purged and embargoed likewise. */
export function splitOnce(rows: TimedRows, share: number, embargoMs: number): Fold {
  const edge = Math.floor(share * rows.rowCount)
  const test = positions(edge, rows.rowCount)
  const before = test.length === 0 ? Number.POSITIVE_INFINITY : rows.knownAt[test[0]!]! - embargoMs
  return { train: purged(rows, edge, before), test }
}

const positions = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

const purged = (rows: TimedRows, to: number, before: number): number[] =>
  positions(0, to).filter((row) => rows.resolvedAt[row]! <= before)
