import { BarfinexError } from '../runtime/error.js'
import type { Unsubscribe } from './bus.js'
import { checked } from './checked.js'
import type { Query } from './query.js'

/** Who answers which query in this process. */
export interface Responders {
  respond<Request, Reply>(
    query: Query<Request, Reply>,
    handler: (request: Request) => Reply | Promise<Reply>,
  ): Unsubscribe
  ask<Request, Reply>(
    query: Query<Request, Reply>,
    request: Request,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<Reply>
  close(): void
}

export function createResponders(isDebug: boolean): Responders {
  const handlers = new Map<string, (request: never) => unknown>()
  let isClosed = false

  function refuseClosed(): void {
    if (isClosed) throw new BarfinexError('bus.closed', 'The bus is closed. Start the desk again before using it.')
  }

  return {
    respond(query, handler) {
      refuseClosed()
      if (handlers.has(query.name)) {
        const hint = 'End the first one, or give the second desk a bus of its own.'
        throw new BarfinexError('bus.responder-taken', `Somebody answers ${query.name} already. ${hint}`)
      }
      const own = handler as (request: never) => unknown
      handlers.set(query.name, own)
      return () => {
        if (handlers.get(query.name) === own) handlers.delete(query.name)
      }
    },
    async ask<Request, Reply>(
      query: Query<Request, Reply>,
      request: Request,
      options: { readonly abortSignal?: AbortSignal } = {},
    ): Promise<Reply> {
      refuseClosed()
      options.abortSignal?.throwIfAborted()
      const handler = handlers.get(query.name)
      if (handler === undefined) {
        throw new BarfinexError('bus.no-responder', `Nobody answers ${query.name}. Start the service that does.`, {
          retryable: true,
        })
      }
      if (isDebug) checked(query.request, request, `The question ${query.name}`)
      const reply = await unlessAborted(answer(query.name, handler, request), options.abortSignal)
      if (isDebug) checked(query.reply, reply, `The answer to ${query.name}`)
      return reply as Reply
    },
    close() {
      isClosed = true
      handlers.clear()
    },
  }
}

/** Faults with a code of ours pass as they are; anything else is the responder's failure. */
async function answer(name: string, handler: (request: never) => unknown, request: unknown): Promise<unknown> {
  try {
    return await handler(request as never)
  } catch (cause) {
    if (BarfinexError.is(cause)) throw cause
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new BarfinexError('bus.reply-failed', `The answer to ${name} failed: ${text}`, { cause })
  }
}

function unlessAborted<T>(answered: Promise<T>, abortSignal: AbortSignal | undefined): Promise<T> {
  if (abortSignal === undefined) return answered
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortSignal.reason)
    abortSignal.addEventListener('abort', abort, { once: true })
    answered.then(resolve, reject).finally(() => abortSignal.removeEventListener('abort', abort))
  })
}
