import type { SessionReply } from '@barfinex/core/browser'
import { useEffect, useRef, useState } from 'react'
import { ActButton } from './act.js'
import { amount, clockTime, dateTime, percent, signedAmount, tone, words } from './format.js'
import { Mark } from './mark.js'
import { TokenForm } from './sign-in.js'
import { useMayAct, useStatus, useStore, useView } from './studio-store.js'
import { WhySearch } from './why.js'

const statusWords = {
  connecting: 'connecting',
  live: 'live',
  stale: 'stale',
  resuming: 'reconnecting',
  refused: 'refused',
  closed: 'closed',
} as const

export function TopBar(props: {
  readonly onSession: (session: SessionReply) => void
  readonly onEnd: (why: string | null) => void
  readonly onWhy: (id: string) => void
}) {
  const status = useStatus()
  const view = useView()
  const { desk } = status
  return (
    <header className="top-bar">
      <h1>
        <Mark size={24} />
        Barfinex
      </h1>
      {desk === null ? null : (
        <span className={`badge mode ${desk.mode}`} title={`Account ${desk.account}`}>
          {desk.mode}
        </span>
      )}
      <span className={`badge status ${status.state}`} role="status" title={status.message}>
        {statusWords[status.state]}
      </span>
      <time className="market-time" title="Market time, UTC">
        {dateTime(view.at)} <small>UTC</small>
      </time>
      <Metrics />
      <WhySearch onAsk={props.onWhy} />
      <TradingControls />
      <Access onSession={props.onSession} onEnd={props.onEnd} />
    </header>
  )
}

function Metrics() {
  const view = useView()
  const { desk } = useStatus()
  const ledger = view.accounts.find((it) => it.account === desk?.account)
  const risk = view.risks.find((it) => it.account === desk?.account)
  const unit = ledger?.quoteAsset ?? ''
  // The ledger speaks when something happens; between, its equity is carried on with the prices.
  const worth = view.equity.findLast((it) => it.account === desk?.account)?.equityQuote ?? ledger?.equityQuote
  const day = risk === undefined || worth === undefined ? null : Number(worth) - Number(risk.dayStartEquityQuote)
  const peak = Math.max(Number(risk?.peakEquityQuote ?? 0), Number(worth ?? 0))
  const drawdown = peak === 0 || worth === undefined ? null : 1 - Number(worth) / peak
  return (
    <dl className="metrics">
      <div>
        <dt>Equity {unit}</dt>
        <dd>
          {amount(worth)}
          {ledger !== undefined && !ledger.known ? <em title={ledger.reason?.message}> unknown</em> : null}
        </dd>
      </div>
      <div>
        <dt>Day</dt>
        <dd className={tone(day)}>{signedAmount(day)}</dd>
      </div>
      <div>
        <dt>Drawdown</dt>
        <dd className={(drawdown ?? 0) > 0.00005 ? 'down' : ''}>{percent(drawdown)}</dd>
      </div>
      <div className="optional">
        <dt>Exposure</dt>
        <dd>{amount(risk?.grossExposureQuote, 0)}</dd>
      </div>
      <div className="optional">
        <dt>Losing streak</dt>
        <dd>{risk?.losingStreak ?? '–'}</dd>
      </div>
    </dl>
  )
}

function TradingControls() {
  const view = useView()
  const { desk } = useStatus()
  const state = view.tradingStates.find((it) => it.account === desk?.account)
  const last = view.commands.at(-1)
  return (
    <div className="trading">
      <span
        className={`badge trading-state ${state?.state ?? 'unknown'}`}
        title={state === undefined ? 'Not told yet' : `${state.reason?.message ?? ''} Set by ${state.setBy}`}
      >
        {state === undefined ? 'trading state unknown' : words(state.state)}
      </span>
      {last === undefined ? null : (
        <span className="last-command" title={last.why}>
          {words(last.type)} by {last.by} {clockTime(last.issuedAt)}
        </span>
      )}
      {state === undefined || state.state === 'active' ? null : (
        <ActButton act={{ type: 'resume' }} label="Resume" tone="good" />
      )}
      {state?.state === 'active' ? <ActButton act={{ type: 'reduceOnly' }} label="Reduce only" /> : null}
      {state?.state === 'halted' ? null : <ActButton act={{ type: 'halt' }} label="Halt" tone="warn" />}
      <ActButton act={{ type: 'closeAll' }} label="Close all" tone="warn" />
      <ActButton act={{ type: 'kill' }} label="Kill" tone="danger" />
    </div>
  )
}

/** Who is signed in, and the way to more (a token with a wider scope) or to nothing. */
function Access(props: {
  readonly onSession: (session: SessionReply) => void
  readonly onEnd: (why: string | null) => void
}) {
  const { timer } = useStore()
  const { desk } = useStatus()
  const mayAct = useMayAct()
  const dialog = useRef<HTMLDialogElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
  }, [isOpen])
  if (desk === null) return null
  return (
    <>
      <button type="button" className="access" onClick={() => setOpen(true)}>
        {mayAct ? desk.name : 'Unlock trading'}
      </button>
      {isOpen ? (
        <dialog ref={dialog} className="access" aria-label="Access" onClose={() => setOpen(false)}>
          <h2>Access</h2>
          <p>
            Signed in as <b>{desk.name}</b>, scope <b>{desk.scopes.join(', ')}</b>. Acts on this {desk.mode} desk need{' '}
            <b>{desk.actScope}</b>.
          </p>
          <TokenForm
            timer={timer}
            label={mayAct ? 'Change' : 'Unlock'}
            onSession={(session) => {
              dialog.current?.close()
              props.onSession(session)
            }}
          />
          <footer>
            <button type="button" onClick={() => dialog.current?.close()}>
              Close <kbd>Esc</kbd>
            </button>
            <button type="button" onClick={() => props.onEnd(null)}>
              Sign out
            </button>
          </footer>
        </dialog>
      ) : null}
    </>
  )
}
