import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { type ExchangeFactory, paper } from '@barfinex/provider'
import type { Manifest } from './manifest.js'

/** A market that a run can be made on again. */
export interface Market {
  readonly exchange: ExchangeFactory
  readonly described: Manifest['market']
}

/** The paper exchange over a generated market. */
export function generatedMarket(seed: number | string, symbols: readonly string[] | null): Market {
  return {
    exchange: paper({ seed, ...(symbols === null ? {} : { symbols: [...symbols] }) }),
    described: { kind: 'generated', symbols: symbols === null ? null : [...symbols] },
  }
}

/** The paper exchange over a recorded market. */
export async function recordedMarket(file: string): Promise<Market> {
  const path = resolve(file)
  return { exchange: paper({ tape: path }), described: { kind: 'tape', path, sha256: await fileHash(path) } }
}

/** SHA-256 of a file; an empty text when it cannot be read, so that opening it can say why. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  } catch {
    return ''
  }
  return hash.digest('hex')
}
