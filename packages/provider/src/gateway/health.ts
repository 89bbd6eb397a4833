import type { HealthReply, Journal, Reason, ServiceName } from '@barfinex/core'
import type { DeskView } from './desk-view.js'

/** Services without which nothing can be decided. */
const chain: readonly ServiceName[] = ['provider', 'detector', 'advisor', 'inspector']

/** Answers three different questions from what the desk has said of itself. */
export function healthOf(view: DeskView, journal: Pick<Journal, 'fault'>, account: string, now: number): HealthReply {
  const beats = new Map(view.list('heartbeats').map((it) => [`${it.service}@${it.instance}`, it]))
  const services = view.list('services').map(({ service, instance, state }) => {
    const beat = beats.get(`${service}@${instance}`)
    return { service, instance, state, alive: beat !== undefined && now - beat.at <= beat.everyMs * 2 }
  })
  const isUp = (it: (typeof services)[number]) => it.alive && (it.state === 'ready' || it.state === 'degraded')
  const unready: Reason[] = []
  for (const it of services) {
    if (isUp(it)) continue
    const message = it.alive ? `${it.service} is ${it.state}.` : `${it.service} shows no sign of life.`
    unready.push({ code: 'service.not-ready', message })
  }
  if (services.length === 0) unready.push({ code: 'service.not-ready', message: 'No service has registered yet.' })

  const untradable: Reason[] = []
  for (const name of chain) {
    if (!services.some((it) => it.service === name))
      untradable.push({ code: 'service.not-registered', message: `There is no ${name}.` })
  }
  if (journal.fault !== null)
    untradable.push({ code: 'journal.write-failed', message: 'The journal cannot be written.' })
  const ledger = view.get('accounts', account)
  if (ledger === undefined || !ledger.known) {
    untradable.push({ code: 'order.account-unknown', message: 'The account is not known for certain.' })
  }
  const trading = view.get('tradingStates', account)
  if (trading?.state !== 'active') {
    const message = trading === undefined ? 'The trading state is not known.' : `The trading state is ${trading.state}.`
    untradable.push({ code: 'inspector.trading-state', message })
  }
  for (const { symbol, state } of view.list('feeds')) {
    if (state !== 'live') untradable.push({ code: 'market.feed', message: `The market data of ${symbol} is ${state}.` })
  }
  const ready = unready.length === 0
  return {
    live: true,
    ready,
    tradingReady: ready && untradable.length === 0,
    reasons: [...unready, ...untradable].map(({ code, message }) => ({ code, message })),
    services,
    at: now,
  }
}
