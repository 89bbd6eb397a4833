import { useView } from './studio-store.js'

const stages: readonly { readonly label: string; readonly names: readonly string[]; readonly hint: string }[] = [
  { label: 'Trades', names: ['market.trade'], hint: 'public prints' },
  { label: 'Candles', names: ['market.candle'], hint: 'closed candles of all timeframes' },
  { label: 'Evaluations', names: ['detector.evaluation'], hint: 'judgements of candles by strategies' },
  { label: 'Signals', names: ['detector.signal'], hint: 'judgements that reached their threshold' },
  { label: 'Decisions', names: ['advisor.decision'], hint: 'signals taken through eight stages' },
  { label: 'Intents', names: ['advisor.intent'], hint: 'decisions to trade' },
  { label: 'Approved', names: ['verdict.approved'], hint: 'intents the inspector approved' },
  { label: 'Denied', names: ['verdict.denied'], hint: 'intents the inspector denied, or could not judge' },
  { label: 'Order events', names: ['order.event'], hint: 'orders reaching a state' },
  { label: 'Fills', names: ['order.fill'], hint: 'executions' },
  { label: 'Trades closed', names: ['inspector.outcome'], hint: 'positions that ended' },
]

/** How many came through each stage since the gateway's start: from the market to the fill. */
export function Funnel() {
  const { tallies } = useView()
  const counts = new Map(tallies.map((it) => [it.name, it.count]))
  return (
    <ol className="funnel" aria-label="Messages by stage">
      {stages.map(({ label, names, hint }) => (
        <li key={label} title={hint} className={label.toLowerCase().replace(' ', '-')}>
          <b>{names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0).toLocaleString('en-US')}</b>
          <span>{label}</span>
        </li>
      ))}
    </ol>
  )
}
