import type { ServerResponse } from 'node:http'
import { createRandom, type WallTimer } from '@barfinex/core'
import { type Spoiling, spoiltAnswer } from './spoilt-answer.js'
import { validAnswer } from './valid-answer.js'

/** A request as the model server has seen it. */
export interface SeenRequest {
  readonly scenario: string
  readonly model: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readonly<Record<string, unknown>>
  /** The text of all user messages. */
  readonly prompt: string
  /** Whether the last message asks to repair an answer. */
  readonly isRepair: boolean
  /** How often the same messages came before. */
  readonly askedBefore: number
}

export interface Stage {
  readonly request: SeenRequest
  readonly response: ServerResponse
  readonly timer: WallTimer
  readonly slowMs: number
}

type Act = (stage: Stage) => void | Promise<void>

/** Sends a chat completion. */
function complete(
  { response, request }: Stage,
  content: string | null,
  change: { readonly finish?: string; readonly usage?: boolean; readonly message?: Record<string, unknown> } = {},
): void {
  const { finish = 'stop', usage = true, message = {} } = change
  const completion = {
    id: 'chatcmpl-rehearsal',
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content, refusal: null, ...message } }],
    ...(usage ? { usage: { prompt_tokens: 1_200, completion_tokens: 180, total_tokens: 1_380 } } : {}),
  }
  send(response, 200, JSON.stringify(completion))
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-rehearsal', ...headers })
  response.end(body)
}

function fail(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  send(response, status, JSON.stringify({ error: { message, type: 'rehearsal', code: null } }), headers)
}

/** Writes and waits until it has left the process. */
function write(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.write(text, () => resolve())
  })
}

const valid = ({ request }: Stage, stance?: Parameters<typeof validAnswer>[2]) =>
  JSON.stringify(validAnswer(request.prompt, createRandom(request.prompt), stance))

const answers =
  (wrap: (json: string) => string, stance: Parameters<typeof validAnswer>[2] = 'confirm'): Act =>
  (stage) =>
    complete(stage, wrap(valid(stage, stance)))

const spoilt =
  (spoiling: Spoiling): Act =>
  (stage) =>
    complete(stage, spoiltAnswer(stage.request.prompt, spoiling, createRandom(stage.request.prompt)))

const plain = (json: string) => json

/** What a model server can do, by the name of the model that is asked. */
export const scenarios = {
  // It works.
  ok: answers(plain),
  'ok-downgrade': answers(plain, 'downgrade'),
  'ok-veto': answers(plain, 'veto'),
  'ok-abstain': answers(plain, 'abstain'),
  'ok-slow': (stage) => void stage.timer.after(stage.slowMs, () => complete(stage, valid(stage, 'confirm'))),
  'ok-without-usage': (stage) => complete(stage, valid(stage, 'confirm'), { usage: false }),
  'think-tags': answers((json) => `<think>Perhaps 42 {"stance": "veto"}? No.</think>\n${json}`),
  fences: answers((json) => `\`\`\`json\n${json}\n\`\`\``),
  'prose-around': answers((json) => `Here is my assessment.\n${json}\nI hope that helps!`),
  'suspects-injection': (stage) =>
    complete(stage, valid(stage, 'confirm').replace('"injection_suspected":false', '"injection_suspected":true')),
  // It works at the second attempt.
  'repairs-itself': (stage) => (stage.request.isRepair ? answers(plain)(stage) : spoilt('digit')(stage)),
  'error-500-once': (stage) =>
    stage.request.askedBefore > 0 ? answers(plain)(stage) : fail(stage.response, 500, 'out of memory'),
  'rate-limited-once': (stage) =>
    stage.request.askedBefore > 0
      ? answers(plain)(stage)
      : fail(stage.response, 429, 'slow down', { 'retry-after': '0.1' }),
  'schema-unknown': (stage) =>
    stage.request.body['response_format'] === undefined
      ? answers(plain)(stage)
      : fail(stage.response, 400, 'response_format is not supported'),
  // The way fails.
  'stall-head': () => {},
  'stall-body': async ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    await write(response, '{"id":"chatcmpl')
  },
  drip: async ({ response, timer, slowMs }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    await write(response, ' ')
    const cancel = timer.every(slowMs, () => void response.write(' '))
    response.on('close', cancel)
  },
  'hangs-up': ({ response }) => void response.destroy(),
  'rate-limited': ({ response }) => fail(response, 429, 'slow down'),
  'rate-limited-for-long': ({ response }) => fail(response, 429, 'slow down', { 'retry-after': '3600' }),
  'error-500': ({ response }) => fail(response, 500, 'out of memory'),
  'error-401': ({ request, response }) => fail(response, 401, `wrong key: ${String(request.headers['authorization'])}`),
  'bad-request': ({ response }) => fail(response, 400, 'the context is too long'),
  redirect: ({ response }) => send(response, 307, '', { location: 'http://127.0.0.1:9/elsewhere' }),
  'html-200': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<html><body>Sign in to the guest network</body></html>')
  },
  'huge-body': async ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    await write(response, `"${'x'.repeat(200_000)}`)
    response.end('"')
  },
  'broken-json': ({ response }) => send(response, 200, '{"choices":[{'),
  'empty-choices': ({ response }) => send(response, 200, '{"id":"x","choices":[]}'),
  // The model does not finish, or does something else.
  length: (stage) => complete(stage, '', { finish: 'length' }),
  filtered: (stage) => complete(stage, '', { finish: 'content_filter' }),
  refusal: (stage) => complete(stage, null, { message: { refusal: 'I cannot help with that.' } }),
  empty: (stage) => complete(stage, '  '),
  'tool-calls': (stage) =>
    complete(stage, null, {
      finish: 'tool_calls',
      message: { tool_calls: [{ id: 'c', type: 'function', function: { name: 'place_order', arguments: '{}' } }] },
    }),
  'tool-markup': spoilt('tool-markup'),
  prose: (stage) => complete(stage, 'The trade looks fine to me.'),
  garbage: (stage) => complete(stage, '\u0000\ud83d\ufffd{"\u202e": \u0007'),
  // The answer is wrong.
  'two-objects': spoilt('two-objects'),
  'duplicate-keys': spoilt('duplicate-key'),
  'extra-keys': spoilt('extra-key'),
  'unknown-enum': spoilt('unknown-enum'),
  'wrong-ids': spoilt('unknown-id'),
  digits: spoilt('digit'),
  'number-words': spoilt('number-word'),
  'unicode-digits': spoilt('unicode-digit'),
  'false-relation': spoilt('false-relation'),
  'flipped-polarity': spoilt('flipped-polarity'),
  'injected-instruction': spoilt('injected-instruction'),
  'stance-without-ground': spoilt('stance-without-ground'),
} as const satisfies Readonly<Record<string, Act>>

export type Scenario = keyof typeof scenarios

/** Names of all scenarios. */
export const scenarioNames = Object.keys(scenarios) as readonly Scenario[]

export function isScenario(name: string): name is Scenario {
  return Object.hasOwn(scenarios, name)
}
