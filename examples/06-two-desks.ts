/**
 * Two desks in one process: the same market, a bold account and a careful one.
 *
 * A desk owns its bus, clock, journal and approval key. There is no state outside of it, so desks cannot disturb each other, and
 * neither gives another result than it would alone.
 */
import {
  advisor,
  createMemoryJournal,
  defineDesk,
  detector,
  inspector,
  provider,
  type RunResult,
  runDesk,
  silentLog,
} from 'barfinex'

function deskWith(riskPerTrade: string, policies: inspector.Policies) {
  return defineDesk((runtime) => ({
    provider: provider.createService({
      ...runtime,
      exchange: provider.paper({ seed: 11, symbols: ['ETH/USDT:USDT'] }),
    }),
    detector: detector.createService({ ...runtime, strategies: [detector.emaPullback, detector.channelBreakout] }),
    advisor: advisor.createService({ ...runtime }),
    inspector: inspector.createService({ ...runtime, sizing: { riskPerTrade }, policies }),
  }))
}

const bold = deskWith('2%', [inspector.maxPositionNotional('100%')])
const careful = deskWith('0.25%', [
  inspector.maxPositionNotional('1500'),
  inspector.cooldownAfterLoss(3_600_000),
  inspector.losingStreak(3),
  inspector.dailyLoss('1%'),
])

const startAt = provider.paperStartAt
const twoDays = () => ({ startAt, until: startAt + 2 * 86_400_000, journal: createMemoryJournal(), log: silentLog })

const [boldTogether, carefulTogether] = await Promise.all([runDesk(bold, twoDays()), runDesk(careful, twoDays())])
const carefulAlone = await runDesk(careful, twoDays())

function show(name: string, { signals, approved, denied, fills, equity, quoteAsset }: RunResult): void {
  const amount = `${Number(equity).toFixed(2)} ${quoteAsset}`
  console.log(
    `${name.padEnd(8)} ${signals} signals, ${approved} approved, ${denied} denied, ${fills} fills, equity ${amount}`,
  )
}
show('bold', boldTogether)
show('careful', carefulTogether)
console.log('\ncareful beside bold ', carefulTogether.journalHash)
console.log('careful by itself   ', carefulAlone.journalHash)
if (carefulTogether.journalHash !== carefulAlone.journalHash) throw new Error('Another desk must not change anything.')
