/**
 * Why, and why not.
 *
 * The journal keeps every judgement and every fact, each with what led to it. So one can ask about a fill and get the whole way
 * from the candle to it, or about a moment in which nothing happened.
 */
import {
  createMemoryJournal,
  defaultDesk,
  detector,
  explain,
  provider,
  runDesk,
  silentLog,
  type Verdict,
} from 'barfinex'

const startAt = provider.paperStartAt
const journal = createMemoryJournal()
const verdicts: Verdict[] = []
let fillId: string | null = null

await runDesk(
  defaultDesk({ exchange: provider.paper({ seed: 7, symbols: ['BTC/USDT'] }), strategies: [detector.emaPullback] }),
  {
    startAt,
    until: startAt + 86_400_000,
    journal,
    log: silentLog,
    onStart({ provider, inspector }) {
      inspector.verdicts$.subscribe((verdict) => verdicts.push(verdict))
      provider.fills$.subscribe(({ fillId: id, purpose }) => {
        if (purpose === 'entry') fillId ??= id
      })
    },
  },
)

async function ask(question: string, id: string): Promise<void> {
  console.log(`\n=== ${question}\n`)
  console.log((await explain(journal, id))?.text ?? 'The journal knows nothing of it.')
}

const denied = verdicts.find(({ type, purpose }) => type === 'denied' && purpose === 'entry')
if (fillId !== null) await ask('How did the first entry come about, and what became of it?', fillId)
if (denied !== undefined) await ask('Why was this entry denied?', denied.verdictId)
await ask('Why did nothing happen at noon?', 'BTC/USDT@2024-01-01T12:00:00Z')
