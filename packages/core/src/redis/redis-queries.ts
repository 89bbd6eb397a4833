import type { Redis } from 'ioredis'
import { z } from 'zod'
import { checked } from '../bus/checked.js'
import type { Query } from '../bus/query.js'
import { identifier } from '../flow/primitives.js'
import { entropy } from '../runtime/entropy.js'
import { BarfinexError, type ErrorCode, errorCodes } from '../runtime/error.js'
import type { WallTimer } from '../runtime/wall-timer.js'
import { decodeAnswer, encodeAnswer, isInColumns } from './answer-columns.js'
import { plainCause } from './connection.js'
import type { Keys } from './keys.js'

export interface RedisQueriesOptions {
  readonly redis: Redis
  readonly keys: Keys
  readonly instance: string
  readonly timer: WallTimer
  /** Said on the topic of a query, and of this bus's answers. */
  readonly subscribe: (topic: string) => Promise<void>
}

interface Asked {
  readonly query: Query<unknown, unknown>
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
}

/** How the process that answers finds its responder, and what its answers look like. */
export type LocalAnswer = (
  name: string,
  request: unknown,
) => { readonly schema: z.ZodType; readonly running: Promise<unknown> } | undefined

const question = z.object({ id: z.string().max(80), answers: identifier, request: z.unknown() })
const answer = z.object({
  id: z.string().max(80),
  reply: z.unknown(),
  fault: z.object({ code: z.enum(errorCodes), message: z.string().max(2_000), retryable: z.boolean() }).optional(),
})

/** Questions to other processes, and theirs to this one: each is one push there and one push back. */
export class RedisQueries {
  private readonly asked = new Map<string, Asked>()
  private ready: Promise<void> | null = null

  constructor(
    private readonly options: RedisQueriesOptions,
    private readonly local: LocalAnswer,
  ) {}

  /** The topic on which answers to this bus come. */
  get answersTopic(): string {
    return this.options.keys.answers(this.options.instance)
  }

  async ask<Request, Reply>(
    query: Query<Request, Reply>,
    request: Request,
    { timeoutMs, abortSignal }: { readonly timeoutMs: number; readonly abortSignal: AbortSignal | undefined },
  ): Promise<Reply> {
    abortSignal?.throwIfAborted()
    const { keys, instance, timer } = this.options
    // Nobody but who may hear the question can name it: a stranger's answer, or an answer to a stranger's question, is not taken.
    const id = Buffer.from(entropy(16)).toString('hex')
    let end = () => {}
    const reply = new Promise<unknown>((resolve, reject) => {
      this.asked.set(id, { query: query as Query<unknown, unknown>, resolve, reject })
      const cancel = timer.after(timeoutMs, () =>
        reject(
          new BarfinexError('bus.timeout', `Nobody has answered ${query.name} within ${timeoutMs} ms. Try again.`, {
            retryable: true,
          }),
        ),
      )
      const abort = () => reject(abortSignal?.reason)
      abortSignal?.addEventListener('abort', abort, { once: true })
      end = () => {
        cancel()
        abortSignal?.removeEventListener('abort', abort)
        this.asked.delete(id)
      }
    })
    const sent = this.send(keys.query(query.name), { id, answers: instance, request }, query.name)
    try {
      // Whichever comes first: the question could not be put, or it was answered.
      await Promise.race([sent.then(() => reply), reply])
      return (await reply) as Reply
    } finally {
      end()
      sent.catch(() => {})
      reply.catch(() => {})
    }
  }

  /** Something came on the topic of a query that is answered here. */
  onQuestion(name: string, text: Buffer): void {
    const parsed = question.safeParse(parse(text))
    const { redis, keys } = this.options
    if (!parsed.success) return
    const { id, answers, request } = parsed.data
    const local = this.local(name, request)
    if (local === undefined) return
    const { schema, running } = local
    const said = running.then(
      (reply) => encodeAnswer(id, schema, reply) ?? JSON.stringify({ id, reply }),
      (error: unknown) => JSON.stringify({ id, reply: null, fault: faultOf(name, error) }),
    )
    void said.then((it) => redis.publish(keys.answers(answers), it)).catch(() => {})
  }

  onAnswer(text: Buffer): void {
    if (isInColumns(text)) {
      this.onColumns(text)
      return
    }
    const parsed = answer.safeParse(parse(text))
    if (!parsed.success) return
    const { id, reply, fault } = parsed.data
    const asked = this.asked.get(id)
    if (asked === undefined) return
    if (fault !== undefined) {
      asked.reject(new BarfinexError(fault.code, fault.message, { retryable: fault.retryable }))
      return
    }
    try {
      asked.resolve(parsedAs(asked.query.reply, reply, `The answer to ${asked.query.name}`))
    } catch (error) {
      asked.reject(error)
    }
  }

  private onColumns(text: Buffer): void {
    let asked: Asked | undefined
    try {
      const found = decodeAnswer(text, (id) => {
        asked = this.asked.get(id)
        return asked?.query.reply
      })
      if (found !== null) asked?.resolve(found.reply)
    } catch (error) {
      const why = error instanceof Error ? error.message : 'it is damaged'
      const name = asked?.query.name ?? 'a question'
      asked?.reject(
        new BarfinexError('message.invalid', `The answer to ${name} cannot be read: ${why}. Mend its writer.`),
      )
    }
  }

  close(): void {
    for (const { reject } of this.asked.values()) {
      reject(new BarfinexError('bus.closed', 'The bus was closed before the answer came.'))
    }
  }

  private async send(topic: string, content: unknown, name: string): Promise<void> {
    let heardBy: number
    try {
      this.ready ??= this.options.subscribe(this.answersTopic)
      await this.ready
      heardBy = await this.options.redis.publish(topic, JSON.stringify(content))
    } catch (error) {
      this.ready = null
      throw new BarfinexError('bus.unavailable', `Redis is away: ${name} cannot be asked. Try again.`, {
        retryable: true,
        cause: plainCause(error),
      })
    }
    if (heardBy > 0) return
    throw new BarfinexError('bus.no-responder', `Nobody answers ${name}. Start the service that does.`, {
      retryable: true,
    })
  }
}

/** What a schema makes of something from outside; `message.invalid` when it does not fit. */
export function parsedAs(schema: z.ZodType, value: unknown, what: string): unknown {
  const parsed = schema.safeParse(value)
  if (!parsed.success) checked(schema, value, what)
  return parsed.data
}

function faultOf(name: string, error: unknown): { code: ErrorCode; message: string; retryable: boolean } {
  if (BarfinexError.is(error)) {
    return { code: error.code, message: error.message.slice(0, 2_000), retryable: error.retryable }
  }
  const text = error instanceof Error ? error.message : String(error)
  return {
    code: 'bus.reply-failed',
    message: `The answer to ${name} failed: ${text}`.slice(0, 2_000),
    retryable: false,
  }
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString())
  } catch {
    return null
  }
}
