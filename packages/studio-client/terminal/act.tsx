import { BarfinexError, type CommandRequest } from '@barfinex/core/browser'
import { createContext, type FormEvent, use, useEffect, useRef, useState } from 'react'
import { effectOf } from '../src/command-effect.js'
import { useStatus, useStore, useView } from './studio-store.js'

/** What somebody is about to ask for; its reason is asked in the dialog. */
export type PendingAct = Omit<CommandRequest, 'why'>

/** Opens the dialog for an act; `null` where this session may only look. */
export const ActContext = createContext<((act: PendingAct) => void) | null>(null)

const titles: Readonly<Record<CommandRequest['type'], string>> = {
  kill: 'Kill switch',
  halt: 'Halt trading',
  reduceOnly: 'Reduce only',
  resume: 'Resume trading',
  closeAll: 'Close all positions',
  closePosition: 'Close position',
  cancelOrder: 'Cancel order',
  cancelEntries: 'Cancel entry orders',
  releaseStrategy: 'Release strategy',
}

/** What has to be typed. */
const confirmations: Readonly<Record<CommandRequest['type'], string>> = {
  kill: 'KILL',
  halt: 'HALT',
  reduceOnly: 'REDUCE',
  resume: 'RESUME',
  closeAll: 'CLOSE ALL',
  closePosition: 'CLOSE',
  cancelOrder: 'CANCEL',
  cancelEntries: 'CANCEL',
  releaseStrategy: 'RELEASE',
}

/** A button that leads to the dialog. It is not there for who may only look. */
export function ActButton(props: { readonly act: PendingAct; readonly label: string; readonly tone?: string }) {
  const begin = use(ActContext)
  if (begin === null) return null
  return (
    <button type="button" className={`act ${props.tone ?? ''}`} onClick={() => begin(props.act)}>
      {props.label}
    </button>
  )
}

/** Shows the effect, asks for the reason and for the word, then gives the command. */
export function ActDialog({ act, onClose }: { readonly act: PendingAct; readonly onClose: () => void }) {
  const { studio } = useStore()
  const view = useView()
  const status = useStatus()
  const dialog = useRef<HTMLDialogElement>(null)
  const [why, setWhy] = useState('')
  const [typed, setTyped] = useState('')
  const [failure, setFailure] = useState<string | null>(null)
  const [isGiving, setGiving] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])

  const request: CommandRequest = { ...act, why: why.trim() }
  const effect = effectOf(request, view, status.desk?.account ?? '')
  const word = confirmations[act.type]
  const isReady = why.trim() !== '' && typed.trim().toUpperCase() === word && !isGiving

  const give = async (event: FormEvent) => {
    event.preventDefault()
    if (!isReady) return
    setGiving(true)
    setFailure(null)
    try {
      await studio.command(request)
      dialog.current?.close()
    } catch (error) {
      setFailure(BarfinexError.is(error) ? error.message : String(error))
      setGiving(false)
    }
  }

  const subject = act.symbol ?? act.clientOrderId ?? act.strategyId
  return (
    <dialog ref={dialog} className={`confirm ${act.type}`} aria-label={titles[act.type]} onClose={onClose}>
      <form onSubmit={(event) => void give(event)}>
        <h2>
          {titles[act.type]}
          {subject === undefined ? null : <code>{subject}</code>}
        </h2>
        {status.state === 'live' ? null : (
          <p className="failure">What is shown is not live ({status.state}): the effect may be another.</p>
        )}
        <ul className="effect" aria-label="Effect">
          {effect.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <label>
          Reason, for the journal
          <input value={why} onChange={(event) => setWhy(event.target.value)} maxLength={300} autoComplete="off" />
        </label>
        <label>
          <span>
            Type <b>{word}</b> to confirm
          </span>
          <input
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        {failure === null ? null : <p className="failure">{failure}</p>}
        <footer>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel <kbd>Esc</kbd>
          </button>
          <button type="submit" className="confirm" disabled={!isReady}>
            {isGiving ? 'Giving…' : titles[act.type]}
          </button>
        </footer>
      </form>
    </dialog>
  )
}
