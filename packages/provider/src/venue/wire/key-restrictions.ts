import type { Operation } from './operation.js'

/** What a key may do. A fresh one reads and trades, may not withdraw, and is bound to an address. */
export interface KeyRestrictions {
  readonly mayTrade: boolean
  readonly mayWithdraw: boolean
  readonly isBoundToAddress: boolean
}

export interface KeyRing {
  of(apiKey: string): KeyRestrictions
  restrict(apiKey: string, change: Partial<KeyRestrictions>): void
}

const fresh: KeyRestrictions = { mayTrade: true, mayWithdraw: false, isBoundToAddress: true }

export function createKeyRing(): KeyRing {
  const rings = new Map<string, KeyRestrictions>()
  const of = (apiKey: string) => rings.get(apiKey) ?? fresh
  return { of, restrict: (apiKey, change) => void rings.set(apiKey, { ...of(apiKey), ...change }) }
}

/** `GET /sapi/v1/account/apiRestrictions`: a key about itself. */
export function keyOperations(ring: KeyRing, createTime: number): readonly Operation[] {
  return [
    {
      rest: 'GET /sapi/v1/account/apiRestrictions',
      security: 'signed',
      weight: 1,
      run: ({ account }) => described(ring.of(account().apiKey), createTime),
    },
  ]
}

function described(key: KeyRestrictions, createTime: number): object {
  return {
    ipRestrict: key.isBoundToAddress,
    createTime,
    enableReading: true,
    enableWithdrawals: key.mayWithdraw,
    enableInternalTransfer: key.mayWithdraw,
    enableMargin: false,
    enableFutures: key.mayTrade,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: key.mayTrade,
    enablePortfolioMarginTrading: false,
  }
}
