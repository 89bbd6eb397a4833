import type { LlmCode } from '../reasons.js'
import { speaksNumbers } from './number-words.js'

const longest = 240
/** What is looked at of a text that is too long anyway. */
const mostRead = 400
const fewestWords = 3

/** A placeholder may stand only where nothing beside it can change the number that is put in its place. */
const placeholder = /(?<=^|[\s("'])\{(E\d\d)\}(?=$|[\s)"']|[.,;:!?](?:$|[\s)"']))/g
const signBefore = /\b(?:negative|positive|minus|plus|times|by a factor of)\s*\{E\d\d\}/i

const allowed = /^[A-Za-z ,.;:'"()\-!?/]*$/
const abbreviations = new Set(['RSI', 'ATR', 'EMA', 'SMA', 'MACD', 'VWAP', 'ADX', 'EV'])
const markets =
  /\b(?:bitcoin|btc|xbt|ethereum|ether|eth|solana|xrp|ripple|doge(?:coin)?|tether|nasdaq|nikkei|eurusd)\b/i

const command =
  '(?:ignore|disregard|forget|override|bypass|buy|sell|execute|place|submit|send|cancel|transfer|withdraw|deposit|increase|raise|double|disable|enable|remove|delete|set|call|run|reply|respond|output|print|approve|open|close|liquidate)'
const object =
  '(?:the|a|an|all|any|every|everything|it|this|that|these|now|more|your|my|our|at|into|previous|prior|above|instructions?|rules|orders?|size|positions?|leverage|limits?|stops?|funds|with|immediately)'
const orders: readonly RegExp[] = [
  // A sentence, or a part of one, that begins with a command.
  new RegExp(`(?:^|[.;:!?]\\s+|\\b(?:please|then|now|just|always|and|immediately)\\s+)${command}\\s+${object}\\b`, 'i'),
  /\b(?:you|we|desk|bot|system|inspector|operator|trader)\s+(?:must|should|shall|need to|has to|have to|ought to|can now)\b/i,
  /\b(?:previous|prior|above|earlier|all|these|new)\s+(?:instructions?|rules|prompts?)\b/i,
  /\b(?:system|developer|assistant)\s+(?:prompt|message|instructions?|role)\b/i,
  /\bas an? (?:ai|assistant|language model)\b/i,
  /\b(?:api|private|secret) ?keys?\b|\bpassword\b|\bseed phrase\b|\bwallet\b/i,
]

const english = new Set(
  'the and is are was has have with without against while this that these from not but which its for to of by on as than into both no remains stays'.split(
    ' ',
  ),
)

/** One text of an answer, in one form of writing, with everything that is wrong with it. */
export interface Prose {
  readonly text: string
  readonly faults: readonly LlmCode[]
}

/** Reads a claim's text. `cited` are the ids that may stand in it as placeholders. */
export function readProse(raw: string, cited: readonly string[]): Prose {
  const text = unified(raw.slice(0, mostRead))
  const faults: LlmCode[] = []
  const bare = text.replace(placeholder, (_, id: string) => {
    if (!cited.includes(id)) faults.push('placeholder')
    return 'value'
  })
  if (/\{[^}]*\}?/.test(bare) || signBefore.test(text)) faults.push('placeholder')
  const words = bare.replace(/\{[^}]*\}/g, ' ')
  if (speaksNumbers(words)) faults.push('number')
  if (isForeign(words)) faults.push('foreign-text')
  if (!isEnglish(words)) faults.push('language')
  const wordCount = (bare.match(/[A-Za-z]+/g) ?? []).length
  if (raw.length > mostRead || text.length > longest || wordCount < fewestWords) faults.push('length')
  return { text, faults }
}

/** Compatibility forms resolved and typographic marks written plainly, so that every check sees what a reader sees. */
function unified(raw: string): string {
  return raw
    .normalize('NFKC')
    .replace(/[‘’‚′]/g, "'")
    .replace(/[“”„″«»]/g, '"')
    .replace(/[‐‑‒–—―]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
}

function isForeign(text: string): boolean {
  // Other scripts are a matter of language; here are marks that plain prose does not need.
  const ascii = text.replace(/[^\x20-\x7e]/g, '')
  if (!allowed.test(ascii) || /\/\/|\bwww\b|[A-Za-z]\.[A-Za-z]{2}/i.test(ascii)) return true
  if (markets.test(ascii) || orders.some((it) => it.test(ascii))) return true
  return (ascii.match(/[A-Za-z]+/g) ?? []).some((word) => {
    if (word.length === 1) return !/^[aAIst]$/.test(word)
    return word === word.toUpperCase() && !abbreviations.has(word)
  })
}

/** Letters of the English alphabet only, and at least one of the words without which hardly an English sentence is made. */
function isEnglish(text: string): boolean {
  if (/[^\x20-\x7e]/.test(text)) return false
  return (text.toLowerCase().match(/[a-z]+/g) ?? []).some((word) => english.has(word))
}
