import { isBtape, readBtapeHeader } from './read-btape.js'
import { readSidecar } from './tape-sidecar.js'

/** Symbols of a tape, from its header or its sidecar alone. */
export function peekSymbols(path: string): readonly string[] {
  return isBtape(path) ? readBtapeHeader(path).map((it) => it.symbol) : [readSidecar(path).symbol]
}
