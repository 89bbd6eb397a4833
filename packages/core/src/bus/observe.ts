import { Observable } from 'rxjs'
import type { Channel } from '../flow/channel.js'
import type { Bus, SubscribeOptions } from './bus.js'
import type { Envelope } from './envelope.js'

/** A channel as an observable of envelopes. It never errors; it ends only with the subscription. */
export function observeEnvelopes<Payload>(
  bus: Bus,
  channel: Channel<Payload>,
  options?: SubscribeOptions,
): Observable<Envelope<Payload>> {
  return new Observable((subscriber) => bus.subscribe(channel, (envelope) => subscriber.next(envelope), options))
}

/** A channel as an observable of payloads: the public face of what flows inside as direct calls. */
export function observe<Payload>(bus: Bus, channel: Channel<Payload>, options?: SubscribeOptions): Observable<Payload> {
  return new Observable((subscriber) =>
    bus.subscribe(channel, (envelope) => subscriber.next(envelope.payload), options),
  )
}
