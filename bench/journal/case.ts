/** One step in a process of its own: `write DIR DAYS`, or `start DIR`. See run.ts. */

import { createHash } from 'node:crypto'
import { pastOf } from '@barfinex/core'
import { DaemonJournal } from '../../packages/core/src/daemon/daemon-journal.js'
import { carry } from '../../packages/provider/src/orders/carry.js'
import { dayOf } from './year.js'

export interface Start {
  readonly ms: number
  readonly residentMb: number
  readonly recordCount: number
  readonly readCount: number
  readonly fillCount: number
  /** Of the journal, and of the ids of all fills: what every start must agree on. */
  readonly hash: string
}

const [step = '', directory = '', days = '0'] = process.argv.slice(2)
const open = () =>
  DaemonJournal.open({ directory, fsync: 'interval', sources: new Set(['provider', 'gateway']), carry: carry() })

async function write(): Promise<void> {
  const journal = await open()
  for (let day = 0; day < Number(days); day += 1) {
    for (const [envelope, channel] of dayOf(day)) journal.append(envelope, channel)
    await journal.flush()
    // A checkpoint is made beside the running desk: it gets its turns.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await journal.close()
}

async function start(): Promise<Start> {
  const from = process.hrtime.bigint()
  const journal = await open()
  const fills = createHash('sha256')
  let readCount = 0
  let fillCount = 0
  for await (const { type, id } of pastOf(journal)) {
    readCount += 1
    if (type !== 'order.fill') continue
    fillCount += 1
    fills.update(id)
  }
  const ms = Number(process.hrtime.bigint() - from) / 1e6
  const residentMb = process.memoryUsage().rss / 1_048_576
  const hash = `${journal.hash()} ${fills.digest('hex')}`
  const recordCount = journal.count
  await journal.close()
  return { ms, residentMb, recordCount, readCount, fillCount, hash }
}

if (step === 'write') await write()
else process.stdout.write(JSON.stringify(await start()))
