import type { Bus, Publisher } from '../bus/bus.js'
import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import type { Journal } from '../journal/journal.js'
import { refuseTooLong } from '../journal/message-length.js'

/**
 * A bus whose writers write down first: a message of a journalled channel stands in the journal, out of reach of a crash of this
 * process, before the turn in which it was published ends; the bus sends it after that turn. With a fault in the journal, or
 * without the lease, nothing is published: the writer is told. So it is of what is longer than a journal can hold.
 */
export function writeAheadBus(bus: Bus, journal: Journal): Bus {
  return {
    kind: bus.kind,
    publisher<Payload>(channel: Channel<Payload>, source: string, epoch?: number): Publisher<Payload> {
      const inner = bus.publisher(channel, source, epoch)
      const publish: Publisher<Payload>['publish'] = (payload, options) => {
        if (journal.fault !== null) throw journal.fault
        if (channel.journalled) refuseTooLong(channel.name, payload)
        const envelope = inner.publish(payload, options)
        if (channel.journalled) {
          journal.append(envelope as Envelope, channel as unknown as Channel<never>)
          // What goes wrong here is kept as the journal's fault and met by whoever acts next.
          journal.flush()?.catch(() => {})
        }
        return envelope
      }
      return {
        publish,
        publishAt(payload, occurredAt, cause) {
          if (channel.journalled) publish(payload, cause === undefined ? { occurredAt } : { occurredAt, cause })
          else inner.publishAt(payload, occurredAt, cause)
        },
      }
    },
    subscribe: (channel, handler, options) => bus.subscribe(channel, handler, options),
    watch: (channel, watcher, options) => bus.watch(channel, watcher, options),
    tap: (handler) => bus.tap(handler),
    last: (channel, key) => bus.last(channel, key),
    lastAll: (channel) => bus.lastAll(channel),
    respond: (query, handler) => bus.respond(query, handler),
    ask: (query, request, options) => bus.ask(query, request, options),
    flush: () => bus.flush(),
    settled: () => bus.settled(),
    health: () => bus.health(),
    close: () => bus.close(),
  }
}
