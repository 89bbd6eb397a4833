import {
  type AccountState,
  type Bus,
  type Candle,
  type Channel,
  channels,
  type Envelope,
  flow,
  type Quote,
  type StudioPayload,
  type StudioTopic,
  type StudioTopicName,
  studioTopicNames,
  studioTopics,
  TopicFold,
  type Unsubscribe,
  type Verdict,
} from '@barfinex/core'
import { EquityCurve } from './equity-curve.js'

/** One topic's part of a batch: what a viewer has to fold. */
export interface TopicBatch {
  readonly topic: StudioTopicName
  readonly messages: readonly unknown[]
}

/**
 * Everything the gateway shows, folded from the bus into bounded memory, and what has changed since the last batch.
 */
export interface DeskView {
  list<Name extends StudioTopicName>(topic: Name): readonly StudioPayload<Name>[]
  get<Name extends StudioTopicName>(topic: Name, id: string): StudioPayload<Name> | undefined
  /** Hands over the changes since the last call, conflated, and forgets them. */
  takeChanges(): readonly TopicBatch[]
  /** While nobody looks, changes need not be remembered. */
  remember(isWanted: boolean): void
  close(): void
}

interface Drawer {
  readonly all: TopicFold<unknown>
  readonly fresh: TopicFold<unknown>
}

/** Begins to watch. What the bus still holds comes first, so a gateway that starts late shows what happened before it. */
export function createDeskView(bus: Bus): DeskView {
  const drawers = new Map<StudioTopicName, Drawer>()
  const counts = new Map<string, number>()
  const counted = new Set<string>()
  const unsubscribes: Unsubscribe[] = []
  let isRemembering = false

  for (const name of studioTopicNames) {
    const topic = studioTopics[name] as StudioTopic<unknown>
    drawers.set(name, { all: new TopicFold(topic), fresh: new TopicFold(topic) })
  }

  function drawer(name: StudioTopicName): Drawer {
    return drawers.get(name) as Drawer
  }

  function put(target: Drawer, payload: unknown): void {
    target.all.apply(payload)
    if (isRemembering) target.fresh.apply(payload)
  }

  function count(name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1)
    counted.add(name)
  }

  function settleCounts(): void {
    const tallies = drawer('tallies')
    for (const name of counted) put(tallies, { name, count: counts.get(name) ?? 0 })
    counted.clear()
  }

  function watch(channel: Channel<unknown>): void {
    const name = studioTopicNames.find((it) => studioTopics[it].channel?.name === channel.name)
    const target = name === undefined ? undefined : drawer(name)
    const extra = extras.get(channel.name)
    unsubscribes.push(
      bus.subscribe<unknown>(
        channel,
        ({ payload }: Envelope<unknown>) => {
          count(channel.name)
          if (target !== undefined)
            put(target, name === 'calibration' ? { ...(payload as object), state: {} } : payload)
          extra?.(payload)
        },
        { from: 'earliest' },
      ),
    )
  }

  const curve = new EquityCurve((point) => put(drawer('equity'), point))
  const extras = new Map<string, (payload: unknown) => void>([
    [
      flow.verdict.name,
      (payload) => {
        const { type, purpose } = payload as Verdict
        // Protective orders have verdicts too; what is counted is the answer to intents.
        if (purpose === 'entry') count(`verdict.${type}`)
      },
    ],
    [flow.account.name, (payload) => curve.told(payload as AccountState)],
    [flow.quote.name, (payload) => curve.quoted(payload as Quote)],
    [flow.candle.name, (payload) => curve.closed(payload as Candle)],
  ])
  for (const channel of channels) watch(channel as unknown as Channel<unknown>)

  return {
    list: <Name extends StudioTopicName>(name: Name) => {
      if (name === 'tallies') settleCounts()
      return drawer(name).all.list() as StudioPayload<Name>[]
    },
    get: <Name extends StudioTopicName>(name: Name, id: string) =>
      drawer(name).all.get(id) as StudioPayload<Name> | undefined,
    takeChanges() {
      settleCounts()
      const batches: TopicBatch[] = []
      for (const [topic, { fresh }] of drawers) {
        if (fresh.size === 0) continue
        batches.push({ topic, messages: fresh.list() })
        fresh.clear()
      }
      return batches
    },
    remember(isWanted) {
      if (isWanted === isRemembering) return
      isRemembering = isWanted
      for (const { fresh } of drawers.values()) fresh.clear()
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe()
    },
  }
}
