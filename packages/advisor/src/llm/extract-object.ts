import type { Reason } from '@barfinex/core'
import { llmReason } from './reasons.js'

const toolMarks = /<\/?(tool_call|tool_use|function_call|function=|invoke)|<\|[a-z_]*(tool|python|call)|\[TOOL_CALLS\]/i
const reasoning = 'think|thinking|thought|reasoning|reflection|analysis|scratchpad'

/**
 * Finds the one JSON object in what a model wrote: reasoning in tags is taken out, fences and prose around it are left
 * aside. Two objects are refused, for nobody can say which one is meant.
 */
export function extractObject(content: string): { readonly text: string } | { readonly reason: Reason } {
  if (toolMarks.test(content)) return { reason: llmReason('tool-call') }
  const spoken = content
    .replace(new RegExp(`<(${reasoning})>[\\s\\S]*?</\\1>`, 'gi'), ' ')
    // Some servers leave out the opening tag, and a cut answer lacks the closing one.
    .replace(new RegExp(`^[\\s\\S]*</(${reasoning})>`, 'i'), ' ')
    .replace(new RegExp(`<(${reasoning})>[\\s\\S]*$`, 'i'), ' ')
  const first = objectFrom(spoken, nextStart(spoken, 0))
  if (first === null) return { reason: llmReason('no-object') }
  if (nextStart(spoken, first.end) >= 0) return { reason: llmReason('several-objects') }
  return { text: spoken.slice(first.start, first.end) }
}

/** Where an object seems to begin: prose may hold a placeholder such as `{E07}`, which is none. */
function nextStart(text: string, from: number): number {
  const found = /\{\s*["}]/.exec(text.slice(from))
  return found === null ? -1 : from + found.index
}

/** The balanced braces that begin at `start`, strings respected. */
function objectFrom(text: string, start: number): { readonly start: number; readonly end: number } | null {
  if (start < 0) return null
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]
    if (inString) {
      if (character === '\\') at += 1
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{') depth += 1
    else if (character === '}') {
      depth -= 1
      if (depth === 0) return { start, end: at + 1 }
    }
  }
  return null
}
