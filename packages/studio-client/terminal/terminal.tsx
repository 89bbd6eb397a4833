import { createWallTimer, type SessionReply, type WallTimer } from '@barfinex/core/browser'
import { StrictMode, useCallback, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { connectStudio } from '../src/connect-studio.js'
import { ActContext, ActDialog, type PendingAct } from './act.js'
import { Desk } from './desk.js'
import { signIn, storedSession, storeSession, takeTicket } from './session.js'
import { SignIn } from './sign-in.js'
import { createStudioStore, StoreContext, type StudioStore, useMayAct, useStatus } from './studio-store.js'
import './terminal.css'
import { WhyContext, WhyDialog } from './why.js'

/** Shows the terminal in an element of the page. */
export function startTerminal(element: HTMLElement): void {
  const timer = createWallTimer()
  const ticket = takeTicket()
  // Begun here and not in an effect: a ticket is good for one use, and an effect may run twice.
  const opening = ticket === null ? null : signIn(timer, { ticket })
  createRoot(element).render(
    <StrictMode>
      <Terminal timer={timer} opening={opening} />
    </StrictMode>,
  )
}

/** Signs in, then follows the desk. */
function Terminal({ timer, opening }: { readonly timer: WallTimer; readonly opening: Promise<SessionReply> | null }) {
  const [session, setSession] = useState<SessionReply | null>(() => storedSession(timer))
  const [notice, setNotice] = useState<string | null>(null)
  const [isOpening, setOpening] = useState(opening !== null)
  const [store, setStore] = useState<StudioStore | null>(null)

  useEffect(() => {
    opening?.then(setSession, (error: Error) => setNotice(error.message)).finally(() => setOpening(false))
  }, [opening])

  useEffect(() => {
    if (session === null || isOpening) return
    const opened = createStudioStore(connectStudio({ url: location.origin, token: session.session }), timer)
    setStore(opened)
    return () => {
      opened.close()
      setStore(null)
    }
  }, [session, isOpening, timer])

  const end = useCallback((why: string | null) => {
    storeSession(null)
    setSession(null)
    setNotice(why)
  }, [])

  if (session === null && !isOpening) return <SignIn timer={timer} notice={notice} onSession={setSession} />
  if (store === null) return <p className="awaited page">Signing in…</p>
  return (
    <StoreContext value={store}>
      <SignedIn onSession={setSession} onEnd={end} />
    </StoreContext>
  )
}

function SignedIn(props: {
  readonly onSession: (session: SessionReply) => void
  readonly onEnd: (why: string | null) => void
}) {
  const status = useStatus()
  const [why, setWhy] = useState<string | null>(null)
  const [act, setAct] = useState<PendingAct | null>(null)
  const { onEnd } = props
  const refusal = status.state === 'refused' ? status.message : null
  useEffect(() => {
    if (refusal !== null) onEnd(refusal)
  }, [refusal, onEnd])

  const mayAct = useMayAct()
  return (
    <WhyContext value={setWhy}>
      <ActContext value={mayAct ? setAct : null}>
        <Desk onSession={props.onSession} onEnd={onEnd} onWhy={setWhy} />
        {why === null ? null : <WhyDialog key={why} id={why} onClose={() => setWhy(null)} />}
        {act === null ? null : <ActDialog act={act} onClose={() => setAct(null)} />}
      </ActContext>
    </WhyContext>
  )
}
