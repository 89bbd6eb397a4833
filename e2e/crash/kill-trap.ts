/**
 * Loaded into a daemon before its own program: at a point that the file beside its configuration names, the process kills itself.
 * Points are told by what is written to the journal and to sockets, and by what comes in; see `named-points.ts`.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import type { NamedPoint, SetTrap } from './named-points.js'

const configFile = process.argv[process.argv.indexOf('--config') + 1] ?? ''
const trapFile = `${configFile}.trap`
let passed = 0

/** Dies here when this is the place. */
function pass(point: NamedPoint): void {
  let trap: SetTrap
  try {
    trap = JSON.parse(fs.readFileSync(trapFile, 'utf8')) as SetTrap
  } catch {
    return
  }
  if (trap.point !== point) return
  passed += 1
  if (passed <= trap.skips) return
  fs.rmSync(trapFile, { force: true })
  process.kill(process.pid, 'SIGKILL')
}

const isCommand = /"type":"order\.command"/
const isReport = /"type":"order\.(event|fill)"/
const isFact = /"type":"(detector\.signal|advisor\.(decision|intent)|inspector\.verdict)"/
const isPublished =
  /:stream:(detector\.signal|advisor\.(decision|intent)|inspector\.verdict|order\.(command|event|fill))\r/
const isAcknowledged = /^\*\d+\r\n\$4\r\nxack\r\n.*:stream:(detector\.signal|advisor\.intent|order\.command)\r/is
const isAppend = /FCALL\r\n\$\d+\r\n\w+_append\r\n/i
const isTake = /FCALL\r\n\$\d+\r\n\w+_take\r\n/i

/** A request whose answer is awaited on a socket. */
type Awaited = 'order' | 'cancel' | 'account' | 'append' | 'lease'
const awaited = new WeakMap<Socket, Set<Awaited>>()
let hasCanceled = false

function textOf(chunk: unknown): string {
  return typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('latin1') : ''
}

function requestOf(text: string): Awaited | null {
  if (text.startsWith('POST /api/v3/order')) return 'order'
  if (text.startsWith('DELETE /api/v3/order')) return 'cancel'
  if (/^GET \/api\/v3\/(account|openOrders)/.test(text)) return 'account'
  if (isAppend.test(text) && isPublished.test(text)) return 'append'
  return isTake.test(text) ? 'lease' : null
}

function beforeWrite(text: string, request: Awaited | null): void {
  pass('just after the lease has run out')
  if (request === 'order' || request === 'cancel') pass('after the journal, before the send')
  if (request === 'order' && hasCanceled) pass('between a cancel and the next order')
  if (isAcknowledged.test(text)) pass('after the act, before the acknowledgement')
}

function beforeAnswer(text: string, requests: ReadonlySet<Awaited>): void {
  if (requests.has('order')) pass('after the reply, before the journal')
  if (requests.has('cancel')) {
    pass('after a cancel is confirmed, before the journal')
    hasCanceled = true
  }
  if (requests.has('account')) {
    pass('during a comparison with the exchange')
    pass('at the first comparison of a start')
  }
  if (requests.has('append')) pass('after the publish, before its confirmation')
  if (requests.has('lease')) pass('with the lease just taken')
  if (text.includes('"executionReport"')) pass('after a report came, before the journal')
  if (text.includes(':topic:order.account\r')) {
    pass('on word of the account')
    pass('on word of the account, after a start')
  }
}

const { writeSync } = fs
fs.writeSync = ((descriptor: number, data: NodeJS.ArrayBufferView, offset?: number) => {
  pass('just after the lease has run out')
  const text = textOf(data)
  if (isCommand.test(text)) pass('before a command is in the journal')
  if (isFact.test(text)) pass('before a fact is in the journal')
  const written = writeSync(descriptor, data, offset)
  if (isReport.test(text) || isFact.test(text)) pass('after the journal, before the publish')
  return written
}) as typeof fs.writeSync
syncBuiltinESMExports()

const { write, push } = Socket.prototype
Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
  const text = textOf(args[0])
  const request = requestOf(text)
  beforeWrite(text, request)
  const isTaken = write.apply(this, args)
  if (request !== null) {
    const requests = awaited.get(this) ?? new Set()
    awaited.set(this, requests.add(request))
  }
  // What was held together is handed to the system at the end of this turn.
  if (request === 'order' || request === 'cancel') {
    setImmediate(() => setImmediate(() => pass('after the send, before the reply')))
  }
  return isTaken
} as Socket['write']

Socket.prototype.push = function (this: Socket, chunk: unknown, encoding?: BufferEncoding) {
  const requests = awaited.get(this) ?? new Set<Awaited>()
  beforeAnswer(textOf(chunk), requests)
  requests.clear()
  return push.call(this, chunk, encoding)
}
