import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultModel, openConvictionSession } from '@barfinex/advisor'
import { createFileJournal, createSystemClock } from '@barfinex/core'
import { paper } from '@barfinex/provider'
import { terminalDirectory } from '@barfinex/studio-client'
import { type Command, commonOptions } from './command.js'
import { exitCodes } from './output.js'

interface Check {
  readonly name: string
  /** `warn`: it works with less. */
  readonly status: 'ok' | 'warn' | 'failed'
  readonly message: string
}

/** Is everything there that a desk needs on this machine? */
export const doctorCommand: Command = {
  name: 'doctor',
  words: '',
  help: 'checks Node, the clock, the disk, the model runtime, the terminal and the paper exchange',
  options: commonOptions,
  async run(_, output) {
    const checks = await Promise.all([
      check('node', async () => {
        const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
        if (major > 20 || (major === 20 && minor >= 19)) return ['ok', `Node ${process.versions.node}`]
        return ['failed', `Node ${process.versions.node} is too old; install 20.19 or later`]
      }),
      check('clock', async () => {
        const at = createSystemClock().now()
        return at > 1_735_689_600_000
          ? ['ok', new Date(at).toISOString()]
          : ['failed', 'the machine says it is before 2025; set its clock']
      }),
      check('journal', async () => {
        const directory = await mkdtemp(join(tmpdir(), 'barfinex-doctor-'))
        try {
          const journal = await createFileJournal({ directory, fsync: 'always' })
          await journal.flush()
          await journal.close()
          return ['ok', 'a journal can be written and synced']
        } finally {
          await rm(directory, { recursive: true, force: true })
        }
      }),
      check('model', async () => {
        const session = await openConvictionSession({ modelBytes: defaultModel() })
        await session.close()
        if (session.engine === 'onnxruntime') return ['ok', 'onnxruntime-node answers']
        return ['warn', session.reasons.map((it) => it.message).join(' ')]
      }),
      check('terminal', async () =>
        existsSync(new URL('index.html', terminalDirectory()))
          ? ['ok', 'built']
          : ['failed', 'the terminal is not built; install the package again'],
      ),
      check('paper', async () => {
        const exchange = await paper({ seed: 1 }).create()
        await exchange.close()
        return ['ok', 'the paper exchange opens']
      }),
    ])
    const isWell = checks.every((it) => it.status !== 'failed')
    const text = checks.map((it) => `${it.status.padEnd(6)} ${it.name.padEnd(9)} ${it.message}`).join('\n')
    output.result({ ok: isWell, checks }, text)
    return isWell ? exitCodes.done : exitCodes.differs
  },
}

async function check(name: string, look: () => Promise<[Check['status'], string]>): Promise<Check> {
  try {
    const [status, message] = await look()
    return { name, status, message }
  } catch (error) {
    return { name, status: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
