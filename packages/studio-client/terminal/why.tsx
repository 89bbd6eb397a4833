import { BarfinexError, type ExplanationReply } from '@barfinex/core/browser'
import { createContext, type FormEvent, use, useEffect, useRef, useState } from 'react'
import { dateTime } from './format.js'
import { useStore } from './studio-store.js'

/** Opens the trail of an id. */
export const WhyContext = createContext<(id: string) => void>(() => {})

/** An id that answers "why" when pressed. */
export function Why({ id, label }: { readonly id: string | null | undefined; readonly label?: string }) {
  const ask = use(WhyContext)
  if (id === null || id === undefined) return null
  return (
    <button type="button" className="why" title={`Why? ${id}`} onClick={() => ask(id)}>
      {label ?? shortened(id)}
    </button>
  )
}

function shortened(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 5)}…${id.slice(-4)}`
}

/** Asks by id or moment: `/` jumps here. */
export function WhySearch({ onAsk }: { readonly onAsk: (id: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (event.key !== '/' || isTyping) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    const id = input.current?.value.trim() ?? ''
    if (id !== '') onAsk(id)
  }
  return (
    <form className="why-search" onSubmit={onSubmit}>
      <input
        ref={input}
        aria-label="Why? An id, or a moment"
        placeholder="Why?  id, or BTC/USDT@2026-01-05T12:00:00Z"
        spellCheck={false}
        autoComplete="off"
      />
      <kbd>/</kbd>
    </form>
  )
}

type Answer = { readonly found: ExplanationReply } | { readonly failure: string } | null

/** The trail: what led to it above, what came of it below. */
export function WhyDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { studio } = useStore()
  const dialog = useRef<HTMLDialogElement>(null)
  const [answer, setAnswer] = useState<Answer>(null)
  useEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    const abort = new AbortController()
    setAnswer(null)
    studio.explain(id, { abortSignal: abort.signal }).then(
      (found) => setAnswer({ found }),
      (error: unknown) => {
        if (!abort.signal.aborted) setAnswer({ failure: BarfinexError.is(error) ? error.message : String(error) })
      },
    )
    return () => abort.abort()
  }, [studio, id])
  return (
    <dialog ref={dialog} className="trail" aria-label="Why" onClose={onClose}>
      <header>
        <h2>Why</h2>
        <code>{id}</code>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close <kbd>Esc</kbd>
        </button>
      </header>
      {answer === null ? <p className="awaited">Reading the journal…</p> : null}
      {answer !== null && 'failure' in answer ? <p className="awaited">{answer.failure}</p> : null}
      {answer !== null && 'found' in answer ? (
        <ol>
          {answer.found.steps.map((step) => (
            <li key={step.id} className={step.distance === 0 ? 'asked' : step.distance < 0 ? 'cause' : 'effect'}>
              <span className="when">{dateTime(step.occurredAt)}</span>
              <span className="what">{step.type}</span>
              <pre>{step.text}</pre>
            </li>
          ))}
        </ol>
      ) : null}
    </dialog>
  )
}
