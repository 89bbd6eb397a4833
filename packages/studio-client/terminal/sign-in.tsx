import { BarfinexError, type SessionReply, type WallTimer } from '@barfinex/core/browser'
import { type FormEvent, useState } from 'react'
import { Mark } from './mark.js'
import { signIn } from './session.js'

/** Asks for a token. It is exchanged for a session at once and kept nowhere. */
export function TokenForm(props: {
  readonly timer: WallTimer
  readonly label: string
  readonly onSession: (session: SessionReply) => void
}) {
  const [token, setToken] = useState('')
  const [failure, setFailure] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setFailure(null)
    try {
      props.onSession(await signIn(props.timer, { token: token.trim() }))
    } catch (error) {
      setFailure(BarfinexError.is(error) ? error.message : String(error))
    }
    setToken('')
  }
  return (
    <form className="token" onSubmit={(event) => void submit(event)}>
      <label>
        Token
        <input
          type="password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <button type="submit" disabled={token.trim() === ''}>
        {props.label}
      </button>
      {failure === null ? null : (
        <p className="failure" role="alert">
          {failure}
        </p>
      )}
    </form>
  )
}

/** What somebody sees who is not signed in. */
export function SignIn(props: {
  readonly timer: WallTimer
  readonly notice: string | null
  readonly onSession: (session: SessionReply) => void
}) {
  return (
    <main className="sign-in">
      <Mark size={44} />
      <h1>Barfinex</h1>
      {props.notice === null ? null : <p className="failure">{props.notice}</p>}
      <p>
        Open the one-time address that <code>npm start</code> printed, or sign in with a token of the token file.
      </p>
      <TokenForm timer={props.timer} label="Sign in" onSession={props.onSession} />
    </main>
  )
}
