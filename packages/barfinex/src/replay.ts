import {
  BarfinexError,
  createFileJournal,
  createMemoryJournal,
  type Envelope,
  flow,
  type Journal,
  type OperatorCommand,
  silentLog,
} from '@barfinex/core'
import type { Strategy } from '@barfinex/detector'
import { defaultDesk } from './run/default-desk.js'
import { cassetteOf, readManifest } from './run/manifest.js'
import { fileHash, generatedMarket, type Market, recordedMarket } from './run/market.js'
import { type RunResult, runDesk } from './run/run-desk.js'

/** What a replay found. */
export interface ReplayResult {
  /** True when every command and fact came again, in order. */
  readonly same: boolean
  readonly recordedHash: string
  readonly replayedHash: string
  /** Commands and facts that were compared. */
  readonly compared: number
  /** The first place where the two differ, or `null`. */
  readonly difference: {
    readonly index: number
    readonly recorded: string | null
    readonly replayed: string | null
  } | null
  readonly result: RunResult
}

/**
 * Does a recorded run again from its manifest, with the operator's commands at their instants, and compares all facts.
 *
 * Throws `config.invalid` when tape or strategy are not the ones of the run.
 */
export async function replay(directory: string, load: (name: string) => Promise<Strategy>): Promise<ReplayResult> {
  const manifest = await readManifest(directory)
  const recorded = await createFileJournal({ directory, readOnly: true })
  try {
    const facts = await factsOf(recorded)
    const commands = facts
      .filter((it) => it.type === flow.operatorCommand.name)
      .map((it) => ({ at: it.occurredAt, command: it.payload as OperatorCommand }))
    const strategies = await Promise.all(manifest.strategies.map((it) => sameStrategy(it.name, it.hash, load)))
    const journal = createMemoryJournal()
    const result = await runDesk(
      defaultDesk({
        exchange: (await sameMarket(manifest.market, manifest.seed)).exchange,
        strategies,
        profile: manifest.profile,
        ...(manifest.llm === null ? {} : { llm: recordedLlm(manifest.llm, directory) }),
      }),
      {
        startAt: manifest.from,
        seed: manifest.seed,
        journal,
        commands,
        log: silentLog,
        ...(manifest.to === null ? {} : { until: manifest.to }),
      },
    )
    const again = await factsOf(journal)
    const difference = firstDifference(facts, again)
    const recordedHash = recorded.hash()
    return {
      same: difference === null && recordedHash === result.journalHash,
      recordedHash,
      replayedHash: result.journalHash,
      compared: facts.length,
      difference,
      result,
    }
  } finally {
    await recorded.close()
  }
}

/** The answers of the run again, and none but them. */
function recordedLlm(
  { baseUrl, model, mode }: { baseUrl: string; model: string; mode: 'shadow' | 'veto' | 'require' },
  directory: string,
) {
  const cassette = { file: cassetteOf(directory), mode: 'replay' as const }
  return { mode, endpoints: [{ baseUrl, model }], cassette }
}

async function factsOf(journal: Journal): Promise<Envelope[]> {
  const hashed = new Set<string>(
    Object.values(flow).flatMap((it) => (it.class === 'command' || it.class === 'fact' ? [it.name] : [])),
  )
  const facts: Envelope[] = []
  for await (const envelope of journal.read()) if (hashed.has(envelope.type)) facts.push(envelope)
  return facts
}

function firstDifference(recorded: readonly Envelope[], replayed: readonly Envelope[]): ReplayResult['difference'] {
  const length = Math.max(recorded.length, replayed.length)
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [recorded[index], replayed[index]]
    if (a?.id === b?.id && a?.occurredAt === b?.occurredAt) continue
    return { index, recorded: describe(a), replayed: describe(b) }
  }
  return null
}

function describe(envelope: Envelope | undefined): string | null {
  return envelope === undefined ? null : `${envelope.id} at ${new Date(envelope.occurredAt).toISOString()}`
}

async function sameStrategy(name: string, hash: string, load: (name: string) => Promise<Strategy>): Promise<Strategy> {
  const strategy = await load(name)
  if (strategy.hash === hash) return strategy
  throw new BarfinexError(
    'config.invalid',
    `The strategy ${name} is not the one of the run any more. Take the file as it was then.`,
    {
      details: { recorded: hash, found: strategy.hash },
    },
  )
}

async function sameMarket(
  market: { kind: 'generated'; symbols: readonly string[] | null } | { kind: 'tape'; path: string; sha256: string },
  seed: number | string,
): Promise<Market> {
  if (market.kind === 'generated') return generatedMarket(seed, market.symbols)
  if ((await fileHash(market.path)) !== market.sha256) {
    throw new BarfinexError(
      'config.invalid',
      `The tape ${market.path} is not the one of the run any more. Put the file back as it was.`,
    )
  }
  return recordedMarket(market.path)
}
