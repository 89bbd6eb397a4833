import { duration } from '../format.js'
import { Awaited, Panel } from '../panel.js'
import { useView } from '../studio-store.js'

/** Whether each service is up, and how long ago it last showed a sign of life, in market time. */
export function Services() {
  const view = useView()
  const beats = new Map(view.heartbeats.map((it) => [`${it.service}@${it.instance}`, it]))
  const services = [...view.services].sort((a, b) => (order.indexOf(a.service) < order.indexOf(b.service) ? -1 : 1))
  return (
    <Panel title="Services" count={services.length}>
      {services.length === 0 ? <Awaited>Waiting for the first service to register.</Awaited> : null}
      <ul className="services">
        {services.map((it) => {
          const beat = beats.get(`${it.service}@${it.instance}`)
          const ageMs = beat === undefined ? null : Math.max(0, view.at - beat.at)
          const isSilent = beat === undefined || ageMs === null || ageMs > beat.everyMs * 2
          const isOver = it.state === 'stopped' || it.state === 'failed'
          return (
            <li key={`${it.service}@${it.instance}`} title={`${it.message} (${it.code}, ${it.version})`}>
              <i className={isSilent && !isOver ? 'failed' : it.state} />
              <b>{it.service}</b>
              <span className={`badge service ${it.state}`}>{it.state}</span>
              <span className={isSilent && !isOver ? 'beat down' : 'beat'}>
                {ageMs === null ? 'no sign of life yet' : ageMs < 1_000 ? 'seen now' : `seen ${duration(ageMs)} ago`}
              </span>
              <span className="message">{it.message}</span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

const order = ['provider', 'detector', 'advisor', 'inspector', 'studio']
