import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { BarfinexError, createWallTimer, type WallTimer } from '@barfinex/core'
import { isScenario, type Scenario, type SeenRequest, scenarios } from './scenarios.js'

export interface ModelServerOptions {
  /** 0 takes a free port. */
  readonly port?: number
  /** Which scenario plays; by default the one with the name of the model. `callIndex` counts from 0. */
  readonly scenarioOf?: (model: string, callIndex: number) => Scenario
  /** How slow `ok-slow` is, and the pace of `drip`, milliseconds. */
  readonly slowMs?: number
  readonly timer?: WallTimer
}

/** A server on this machine that speaks as a language model would, well or badly. */
export interface ModelServer {
  /** What goes into an endpoint's `baseUrl`. */
  readonly baseUrl: string
  /** Requests in order; each is listed once its scenario has done what it does at once. */
  readonly requests: readonly SeenRequest[]
  readonly openSocketCount: number
  /** Resolves when so many requests have come in all. */
  received(count: number): Promise<void>
  /** Resolves when no connection is open. */
  released(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts an OpenAI-compatible server on the loopback interface, to rehearse what a model can do to a desk: the name of the
 * model chooses the scenario, from `ok` over `stall-body` to `injected-instruction`. It answers from the evidence in the
 * prompt, so `ok` is a valid answer. No model runs and nothing leaves the machine.
 *
 * @throws BarfinexError `options.invalid` when the port is taken.
 *
 * @example
 * const server = await startModelServer()
 * const llm = { endpoints: [{ baseUrl: server.baseUrl, model: 'ok' }] }
 */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const { scenarioOf, slowMs = 1_000, timer = createWallTimer() } = options
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const asked = new Map<string, number>()
  const waiting = new Set<() => void>()
  let callCount = 0

  const notify = () => {
    for (const check of [...waiting]) check()
  }
  const until = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!isTrue()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.method !== 'POST' || message.url !== '/v1/chat/completions') {
      response.writeHead(404).end()
      return
    }
    const body = await bodyOf(message)
    const model = String(body['model'])
    const scenario = scenarioOf?.(model, callCount) ?? model
    callCount += 1
    const seen = see(message, body, scenario)
    if (isScenario(scenario)) await scenarios[scenario]({ request: seen, response, timer, slowMs })
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such model"}}')
    requests.push(seen)
    notify()
  }

  function see({ headers }: IncomingMessage, body: Record<string, unknown>, scenario: string): SeenRequest {
    const messages = (body['messages'] ?? []) as readonly { readonly role: string; readonly content: string }[]
    const users = messages.filter((it) => it.role === 'user').map((it) => it.content)
    const key = `${scenario} ${JSON.stringify(messages)}`
    const askedBefore = asked.get(key) ?? 0
    asked.set(key, askedBefore + 1)
    return {
      scenario,
      model: String(body['model']),
      headers,
      body,
      prompt: users[0] ?? '',
      isRepair: users.length > 1,
      askedBefore,
    }
  }

  const server = createServer((message, response) => {
    answer(message, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      notify()
    })
  })
  await listen(server, options.port ?? 0)

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get openSocketCount() {
      return sockets.size
    },
    received: (count) => until(() => requests.length >= count),
    released: () => until(() => sockets.size === 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(message: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The model server cannot listen on port ${port}. Give a free one, or 0 for any.`
      reject(new BarfinexError('options.invalid', message, { cause }))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}
