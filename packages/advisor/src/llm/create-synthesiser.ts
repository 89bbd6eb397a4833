import type { LlmOptions } from './llm-options.js'
import { ruleSynthesis } from './rule-synthesis.js'
import type { Synthesiser } from './synthesis.js'

/** Makes the synthesiser that the options describe. */
export function createSynthesiser(options: LlmOptions): Synthesiser {
  return {
    mode: options.mode,
    obstacles: [],
    synthesise: async (request) => ruleSynthesis(request),
    close: async () => {},
  }
}
