import type { Random } from '@barfinex/core'

/**
 * What a rule does to the calls, frames and events that it matches.
 *
 * To a call, in the order of its way: `delay` holds it up before the venue looks at it; `hang` and `reset` end it there, with
 * nothing taken; `error`, `ban` and `rateLimit` refuse it, also with nothing taken (an `error` with `taken` comes after the engine
 * has acted); `skew` shifts the clock that its timestamp is held against; `halt` halts a symbol first; `duplicate` takes it twice
 * and answers the second time; `indexingLag` lets a read see the records as they were so long ago; `engineDelay` of 10 s or more
 * gives -1007 while the engine acts all the same; `delayReply`, `dropReply`, `resetReply` and `malformed` spoil the answer of what
 * was taken.
 *
 * To a frame of a stream or a user event: `drop`, `duplicate`, `delay`, `reorder` (the next one overtakes it), `malformed`, and
 * `rewrite`, which puts other values into fields of its event or takes fields out; and to its socket: `freeze` (open, answers pings, sends nothing more), `halfOpen` (looks open, is dead) and `reset`.
 */
export type VenueFault =
  | { readonly do: 'hang' | 'reset' | 'dropReply' | 'resetReply' | 'duplicate' | 'malformed' }
  | { readonly do: 'freeze' | 'halfOpen' | 'drop' | 'reorder' }
  | { readonly do: 'delay' | 'engineDelay' | 'delayReply' | 'indexingLag' | 'skew'; readonly ms: number }
  | {
      readonly do: 'error'
      readonly code: number
      readonly msg: string
      readonly httpStatus: number
      readonly taken?: boolean
    }
  | { readonly do: 'ban' | 'rateLimit'; readonly retryAfterSeconds: number }
  | { readonly do: 'halt'; readonly symbol: string }
  | {
      readonly do: 'rewrite'
      /** Fields by their names on the wire and what they say instead. */
      readonly set?: Readonly<Record<string, unknown>>
      /** Fields that are missing. */
      readonly remove?: readonly string[]
    }

/**
 * One injected fault. `at` is `POST /api/v3/order`, a method of the WebSocket API (`order.place`), a stream (`btcusdt@trade`) or
 * `user ` and the type of a user event (`user executionReport`); `*` at its end stands for any rest. `where` narrows it to calls with
 * these parameters, or to events with these fields.
 */
export interface VenueFaultRule {
  readonly id: string
  readonly at: string
  readonly fault: VenueFault
  /** Only what says all of this strikes, compared as text: `{ side: 'SELL', type: 'STOP_LOSS_LIMIT' }`. */
  readonly where?: Readonly<Record<string, string>>
  /** How many matches it lasts; without it, until cleared. */
  readonly times?: number
  /** Share of matches it strikes, 0 to 1, drawn from the venue's seed. Default 1. */
  readonly share?: number
}

/** What a call or an event says, by name. */
type Fields = Readonly<Record<string, unknown>>

/** The one registry that REST and streams both ask. */
export interface VenueFaults {
  /** Throws `venue.fault-place-unknown` and `venue.fault-impossible` for a rule that could never strike. */
  inject(rule: VenueFaultRule): void
  /** Removes one rule, or all. */
  clear(id?: string): void
  /** What is injected and not used up, in order. */
  list(): readonly VenueFaultRule[]
  /**
   * The faults that strike this one call or frame, in the order injected; counts them as used. `fields` are read only where a rule
   * asks for some.
   */
  strike(at: string, fields?: () => Fields): readonly VenueFault[]
}

/**
 * Makes the registry of injected faults. Chance comes from a fork per rule, so that one rule never shifts another.
 *
 * A rule whose `times` are used up strikes no more; injecting under a known id replaces that rule and starts it afresh.
 */
export function createVenueFaults(random: Random): VenueFaults {
  const rules = new Map<string, { readonly rule: VenueFaultRule; readonly chance: Random; left: number }>()
  return {
    inject(rule) {
      rules.delete(rule.id)
      rules.set(rule.id, { rule, chance: random.fork(rule.id), left: rule.times ?? Number.POSITIVE_INFINITY })
    },
    clear(id) {
      if (id === undefined) rules.clear()
      else rules.delete(id)
    },
    list: () => [...rules.values()].filter(({ left }) => left > 0).map(({ rule }) => rule),
    strike(at, fields = () => ({})) {
      if (rules.size === 0) return []
      const struck = [...rules.values()].filter(
        ({ left, rule, chance }) =>
          left > 0 && covers(rule.at, at) && says(fields, rule.where) && chance.next() < (rule.share ?? 1),
      )
      for (const entry of struck) entry.left -= 1
      return struck.map((entry) => entry.rule.fault)
    },
  }
}

function says(fields: () => Fields, where: VenueFaultRule['where']): boolean {
  if (where === undefined) return true
  const said = fields()
  return Object.entries(where).every(([name, value]) => String(said[name]) === value)
}

/** Whether a rule's `at` stands for this place. */
export function covers(pattern: string, at: string): boolean {
  return pattern.endsWith('*') ? at.startsWith(pattern.slice(0, -1)) : pattern === at
}
