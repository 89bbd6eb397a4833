import type { Reason } from '@barfinex/core'

/**
 * Everything that can go wrong between a request and a model's answer. The sentences are fixed: nothing that came from
 * outside gets into a decision this way.
 */
const sentences = {
  // Before anything is sent.
  timeframe: 'Bars of less than a minute leave a model no time to answer.',
  'live-refused': 'Calls are not permitted on a virtual clock: replay a cassette, or set allowLive.',
  'cassette-miss': 'The cassette holds no answer to this request.',
  'breaker-open': 'The endpoint failed too often and rests.',
  budget: 'The budget does not allow this call.',
  failed: 'Something of ours failed while asking; the log says what.',
  // On the way.
  deadline: 'There was no complete answer before the deadline.',
  connection: 'The endpoint could not be reached, or broke off.',
  closed: 'The service was stopped before the answer came.',
  redirect: 'The endpoint points elsewhere, and is not followed.',
  'rate-limited': 'The endpoint asked to slow down.',
  status: 'The endpoint answered with a status that is no success.',
  'content-type': 'The endpoint answered with something that is not JSON.',
  'too-large': 'The answer is larger than is read.',
  envelope: 'The answer has not the form of a chat completion.',
  finish: 'The answer was not finished.',
  refusal: 'The model refused to answer.',
  empty: 'The model answered nothing.',
  // In the answer.
  'tool-call': 'The answer calls tools, and there are none.',
  'no-object': 'The answer holds no complete JSON object.',
  'several-objects': 'The answer holds more than one JSON object.',
  json: 'The answer is no sound JSON.',
  'duplicate-key': 'The answer names a key twice.',
  schema: 'The answer does not fit the schema.',
  'unknown-id': 'The answer cites something that was not given.',
  placeholder: 'A placeholder stands where it could change a number, or is not cited.',
  number: 'The text holds a number.',
  relation: 'A stated relation does not hold in the evidence.',
  polarity: 'A claim contradicts the evidence it cites.',
  'foreign-text': 'The text holds a ticker, an address, markup or an order to somebody.',
  stance: 'Stance, factor and claims do not belong together.',
  language: 'The text is not plain English.',
  length: 'The text, or the answer as a whole, is too short or too long.',
  'injection-suspected': 'The model suspects that somebody speaks to it through the news.',
} as const

export type LlmCode = keyof typeof sentences

/** A reason of this folder. `observed` and `limit` must be ours: a status, a cap, a word from a list. */
export function llmReason(code: LlmCode, observed?: string | number, limit?: string | number): Reason {
  return {
    code: `advisor.llm.${code}`,
    message: sentences[code],
    ...(limit === undefined ? {} : { limit }),
    ...(observed === undefined ? {} : { observed }),
  }
}
