import { createMemoryJournal, createVirtualClock, silentLog, type WallTimer } from '@barfinex/core'
import { afterEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import {
  aSynthesisRequest,
  createHandTimer,
  type ModelServer,
  type ModelServerOptions,
  type Scenario,
  scenarioNames,
  startModelServer,
} from '../testing/index.js'
import { createSynthesiser } from './create-synthesiser.js'
import { llmOptions } from './llm-options.js'
import type { Synthesis, Synthesiser } from './synthesis.js'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close()
})

async function serve(options?: ModelServerOptions): Promise<ModelServer> {
  const server = await startModelServer(options)
  open.push(server)
  return server
}

async function ask(
  options: z.input<typeof llmOptions>,
  timer?: WallTimer,
  clock = createVirtualClock({ startAt: aSynthesisRequest().asOf }),
): Promise<Synthesiser> {
  // So long a deadline that only a hand passes it: how fast this machine is decides nothing.
  const parsed = llmOptions.parse({ allowLive: true, deadlineMs: 60_000, ...options })
  const synthesiser = await createSynthesiser(parsed, { clock, log: silentLog, journal: createMemoryJournal() }, timer)
  open.push(synthesiser)
  return synthesiser
}

const aRequest = (seed = 1) => aSynthesisRequest(seed, { timeframe: '1h' })
const codesOf = ({ reasons }: Synthesis) => reasons.map((it) => it.code.replace('advisor.llm.', ''))

/** What comes of each scenario: who wrote the synthesis, for which reasons, after how many calls. */
const outcomes: Readonly<
  Record<Scenario, readonly [source: 'llm' | 'rules', codes: readonly string[], calls: number]>
> = {
  ok: ['llm', [], 1],
  'ok-downgrade': ['llm', [], 1],
  'ok-veto': ['llm', [], 1],
  'ok-abstain': ['llm', [], 1],
  'ok-slow': ['llm', [], 1],
  'ok-without-usage': ['llm', [], 1],
  'think-tags': ['llm', [], 1],
  fences: ['llm', [], 1],
  'prose-around': ['llm', [], 1],
  'suspects-injection': ['llm', ['injection-suspected'], 1],
  'repairs-itself': ['llm', ['number'], 2],
  'error-500-once': ['llm', ['status'], 2],
  'rate-limited-once': ['llm', ['rate-limited'], 2],
  'schema-unknown': ['llm', [], 3],
  'stall-head': ['rules', ['deadline'], 1],
  'stall-body': ['rules', ['deadline'], 1],
  drip: ['rules', ['deadline'], 1],
  'hangs-up': ['rules', ['connection'], 2],
  'rate-limited': ['rules', ['rate-limited'], 2],
  'rate-limited-for-long': ['rules', ['rate-limited'], 1],
  'error-500': ['rules', ['status'], 2],
  'error-401': ['rules', ['status'], 1],
  'bad-request': ['rules', ['status'], 3],
  redirect: ['rules', ['redirect'], 1],
  'html-200': ['rules', ['content-type'], 1],
  'huge-body': ['rules', ['too-large'], 1],
  'broken-json': ['rules', ['envelope'], 1],
  'empty-choices': ['rules', ['envelope'], 1],
  length: ['rules', ['finish'], 2],
  filtered: ['rules', ['finish'], 2],
  refusal: ['rules', ['refusal'], 2],
  empty: ['rules', ['empty'], 2],
  'tool-calls': ['rules', ['tool-call'], 2],
  'tool-markup': ['rules', ['tool-call'], 2],
  prose: ['rules', ['no-object'], 2],
  garbage: ['rules', ['no-object'], 2],
  'two-objects': ['rules', ['several-objects'], 2],
  'duplicate-keys': ['rules', ['duplicate-key'], 2],
  'extra-keys': ['rules', ['schema'], 2],
  'unknown-enum': ['rules', ['schema'], 2],
  'wrong-ids': ['rules', ['unknown-id'], 2],
  digits: ['rules', ['number'], 2],
  'number-words': ['rules', ['number'], 2],
  'unicode-digits': ['rules', ['number'], 2],
  'false-relation': ['rules', ['relation'], 2],
  'flipped-polarity': ['rules', ['polarity'], 2],
  'injected-instruction': ['rules', ['foreign-text'], 2],
  'stance-without-ground': ['rules', ['stance'], 2],
}

const stalling: readonly Scenario[] = ['stall-head', 'stall-body', 'drip']

describe('a language model on the wire', () => {
  test.each(scenarioNames.filter((it) => !stalling.includes(it)))('%s', async (scenario) => {
    const server = await serve({ slowMs: 20 })
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: scenario }] })
    const synthesis = await synthesiser.synthesise(aRequest())
    const [source, codes, calls] = outcomes[scenario]
    expect(synthesis.source).toBe(source)
    expect(codesOf(synthesis)).toEqual(expect.arrayContaining([...codes]))
    if (codes.length === 0) expect(codesOf(synthesis)).toEqual([])
    expect(synthesis.usage.callCount).toBe(calls)
    expect(server.requests.length).toBe(calls)
    await server.released()
  })

  test.each(stalling)('%s: the deadline covers the body too, and nothing is left over', async (scenario) => {
    const server = await serve({ slowMs: 20 })
    const timer = createHandTimer()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: scenario }] }, timer)
    const asked = synthesiser.synthesise(aRequest())
    await server.received(1)
    timer.pass(59_999)
    expect(timer.pendingCount).toBe(1)
    timer.pass(1)
    const synthesis = await asked
    expect([synthesis.source, codesOf(synthesis)]).toEqual(['rules', ['deadline']])
    expect(timer.pendingCount).toBe(0)
    await server.released()
  })

  test('the deadline is a tenth of the bar where that is shorter, and shorter bars are not asked about', async () => {
    const server = await serve()
    const timer = createHandTimer()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'stall-head' }] }, timer)
    const asked = synthesiser.synthesise(aSynthesisRequest(1, { timeframe: '1m' }))
    await server.received(1)
    timer.pass(6_000)
    expect(codesOf(await asked)).toEqual(['deadline'])
    expect(codesOf(await synthesiser.synthesise(aSynthesisRequest(1, { timeframe: '1s' })))).toEqual(['timeframe'])
    expect(server.requests).toHaveLength(1)
  })

  test('an endpoint that stalls leaves time for the next one', async () => {
    const server = await serve()
    const timer = createHandTimer()
    const endpoints = ['stall-body', 'ok'].map((model) => ({ baseUrl: server.baseUrl, model }))
    const synthesiser = await ask({ endpoints }, timer)
    const asked = synthesiser.synthesise(aRequest())
    await server.received(1)
    timer.pass(36_000)
    const synthesis = await asked
    expect(synthesis).toMatchObject({ source: 'llm', modelName: 'ok' })
    expect(codesOf(synthesis)).toEqual(['deadline'])
  })

  test('a service that stops does not wait for an answer', async () => {
    const server = await serve()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'stall-body' }] })
    const asked = synthesiser.synthesise(aRequest())
    await server.received(1)
    await synthesiser.close()
    expect(codesOf(await asked)).toEqual(['closed'])
    await server.released()
  })

  test('nobody there: the connection fails, and the rules answer', async () => {
    const server = await startModelServer()
    await server.close()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'ok' }] })
    const synthesis = await synthesiser.synthesise(aRequest())
    expect([synthesis.source, codesOf(synthesis)]).toEqual(['rules', ['connection']])
  })

  test('sends what was promised: no market, no date, the strictest form, and only the headers it needs', async () => {
    const server = await serve()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'ok', apiKey: 'k-abcdef' }] })
    const request = aRequest()
    await synthesiser.synthesise(request)
    const [seen] = server.requests
    const body = JSON.stringify(seen?.body)
    expect(seen?.body).toMatchObject({ model: 'ok', temperature: 0, seed: 7, max_tokens: 600, stream: false })
    expect(seen?.body['response_format']).toMatchObject({ type: 'json_schema', json_schema: { strict: true } })
    for (const secret of ['BTC', 'USDT', request.decisionId, String(request.asOf), '2024', 'k-abcdef']) {
      expect(body).not.toContain(secret)
    }
    expect(seen?.headers['authorization']).toBe('Bearer k-abcdef')
    const sent = Object.keys(seen?.headers ?? {}).filter((it) => it.startsWith('x-') || it.startsWith('openai'))
    expect(sent).toEqual([])
  })

  test('a server without keys gets no authorization header', async () => {
    const server = await serve()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'ok' }] })
    await synthesiser.synthesise(aRequest())
    expect(server.requests[0]?.headers['authorization']).toBeUndefined()
  })

  test('the form that an endpoint knows is remembered; a step down that does not help is not', async () => {
    const server = await serve()
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'schema-unknown' }] })
    await synthesiser.synthesise(aRequest(1))
    await synthesiser.synthesise(aRequest(2))
    const formats = server.requests.map((it) => (it.body['response_format'] as { type: string } | undefined)?.type)
    expect(formats).toEqual(['json_schema', 'json_object', undefined, undefined])
    const other = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'bad-request' }] })
    await other.synthesise(aRequest(1))
    await other.synthesise(aRequest(2))
    const steps = server.requests.slice(4).map((it) => it.body['response_format'] !== undefined)
    expect(steps).toEqual([true, true, false, true, true, false])
  })

  test('equal requests share one conversation until their bar ends, also while it is under way', async () => {
    const server = await serve()
    const clock = createVirtualClock({ startAt: aRequest().asOf })
    const endpoints = [{ baseUrl: server.baseUrl, model: 'ok' }]
    const synthesiser = await ask({ endpoints }, undefined, clock)
    const [first, second] = await Promise.all([synthesiser.synthesise(aRequest()), synthesiser.synthesise(aRequest())])
    expect(second).toEqual({ ...first, usage: expect.objectContaining({ callCount: 0 }) })
    await clock.advanceBy(3_599_999)
    await synthesiser.synthesise(aRequest())
    expect(server.requests).toHaveLength(1)
    await clock.advanceBy(1)
    await synthesiser.synthesise(aRequest())
    expect(server.requests).toHaveLength(2)
  })

  test('rests after failures, lets one call through, and recovers', async () => {
    let scenario: Scenario = 'error-401'
    const server = await serve({ scenarioOf: () => scenario })
    const clock = createVirtualClock({ startAt: aRequest().asOf })
    const synthesiser = await ask({ endpoints: [{ baseUrl: server.baseUrl, model: 'm' }] }, undefined, clock)
    const codes: (readonly string[])[] = []
    let seed = 0
    const next = async () => {
      seed += 1
      codes.push(codesOf(await synthesiser.synthesise(aRequest(seed))))
    }
    for (let count = 0; count < 6; count += 1) await next()
    expect(codes).toEqual([['status'], ['status'], ['status'], ['status'], ['status'], ['breaker-open']])
    await clock.advanceBy(60_000)
    await next()
    await next()
    expect(codes.slice(6)).toEqual([['status'], ['breaker-open']])
    // The second rest is twice as long.
    await clock.advanceBy(60_000)
    await next()
    expect(codes.at(-1)).toEqual(['breaker-open'])
    scenario = 'ok'
    await clock.advanceBy(60_000)
    await next()
    await next()
    expect(codes.slice(-2)).toEqual([[], []])
    expect(server.requests).toHaveLength(8)
  })
})
