import { parseOptions } from '@barfinex/core'
import { describe, expect, test } from 'vitest'
import { llmOptions, resolveApiKeys } from './llm-options.js'

const parse = (options: unknown) => parseOptions(llmOptions, options, 'advisor')
const endpoint = { baseUrl: 'http://127.0.0.1:8080/v1', model: 'm' }

describe('options of the language model', () => {
  test('off without an endpoint, veto with one', () => {
    expect(parse({}).mode).toBe('off')
    expect(parse({ endpoints: [endpoint] }).mode).toBe('veto')
    expect(parse({ endpoints: [endpoint], mode: 'off' }).mode).toBe('off')
  })

  test.each([
    [{ mode: 'veto' }, /"mode" cannot be "veto" without an endpoint/],
    [{ mode: 'require' }, /without an endpoint/],
    [{ mode: 'shadow' }, /without an endpoint/],
    [{ mode: 'always' }, /mode/],
    [{ endpoints: [{ ...endpoint, baseUrl: 'ftp://127.0.0.1' }] }, /baseUrl/],
    [{ endpoints: [{ ...endpoint, baseUrl: 'http://user:pass@127.0.0.1/v1' }] }, /neither credentials nor a query/],
    [{ endpoints: [{ ...endpoint, baseUrl: 'https://models.test/v1?key=1' }] }, /neither credentials nor a query/],
    [{ endpoints: [{ ...endpoint, baseUrl: 'http://models.test/v1', apiKey: 'k' }] }, /must be https/],
    [{ endpoints: [{ ...endpoint, apiKey: 'two words' }] }, /apiKey/],
    [{ endpoints: [{ ...endpoint, apiKeyEnv: 'MODEL_KEY' }] }, /MODEL_KEY, which only a program reads/],
    [{ endpoints: [{ ...endpoint, apikey: 'k' }] }, /did you mean "endpoints\[0\].apiKey"|apiKey/],
    [{ budget: { perDay: 1 } }, /budget.perDay/],
    [{ deadlineMs: 0 }, /deadlineMs/],
    [{ cassette: { file: '' } }, /cassette.file/],
  ])('refuses %j', (options, message) => {
    expect(() => parse(options)).toThrowError(message)
  })

  test('a program puts keys in the place of the variables that name them', () => {
    const options = { endpoints: [{ ...endpoint, apiKeyEnv: 'MODEL_KEY' }, endpoint] }
    const resolved = resolveApiKeys(options, (name) => (name === 'MODEL_KEY' ? 'secret-text' : undefined))
    expect(resolved.endpoints?.[0]).toEqual({ ...endpoint, apiKey: 'secret-text' })
    expect(parse(resolved).endpoints[0]?.apiKey?.reveal()).toBe('secret-text')
    expect(() => resolveApiKeys(options, () => undefined)).toThrowError(/MODEL_KEY is not set/)
    expect(resolveApiKeys({}, () => undefined)).toEqual({})
  })
})
