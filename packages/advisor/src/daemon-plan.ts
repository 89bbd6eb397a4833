import { readFile } from 'node:fs/promises'
import { BarfinexError } from '@barfinex/core'
import type { DaemonPlan, GivenOptions } from '@barfinex/core/daemon'
import { carry } from './carry.js'
import { resolveApiKeys } from './llm/llm-options.js'
import { type AdvisorOptions, advisorOptions, createService } from './service.js'

/** Advisor as a daemon. A file names the model by `model.file`; keys of language models come from the variables it names. */
export const daemonPlan: DaemonPlan = {
  service: 'advisor',
  help: 'decides on every signal, in eight recorded stages',
  options: advisorOptions,
  approvals: 'none',
  isPerAccount: false,
  carry,
  async read(given, environment) {
    const model = await modelOf(given)
    const { llm } = given as AdvisorOptions
    return {
      ...given,
      ...(model === undefined ? {} : { model }),
      ...(llm === undefined ? {} : { llm: resolveApiKeys(llm, environment) }),
    }
  },
  create: (runtime, given) => createService({ ...(given as Omit<AdvisorOptions, 'bus'>), ...runtime }),
}

async function modelOf({ model }: GivenOptions): Promise<unknown> {
  if (typeof model !== 'object' || model === null || !('file' in model)) return model
  const { file, ...rest } = model
  try {
    return { ...rest, bytes: new Uint8Array(await readFile(String(file))) }
  } catch (cause) {
    throw new BarfinexError('config.not-found', `advisor: the model "${String(file)}" cannot be read.`, { cause })
  }
}
