import { useEffect, useState } from 'react'
import { duration } from './format.js'
import { useStatus, useStore } from './studio-store.js'

const titles = {
  connecting: 'Connecting',
  stale: 'Stale',
  resuming: 'Connection lost',
  refused: 'Refused',
  closed: 'Closed',
} as const

/** Says that what is shown is old, and how old. Nothing is there while it is live. */
export function StaleBanner() {
  const { timer, heardAt } = useStore()
  const status = useStatus()
  const [ageMs, setAge] = useState(0)
  const isLive = status.state === 'live'
  useEffect(() => {
    if (isLive) return
    const measure = () => setAge(timer.now() - heardAt())
    measure()
    return timer.every(500, measure)
  }, [isLive, timer, heardAt])
  if (status.state === 'live') return null
  return (
    <div className="stale-banner" role="alert">
      <b>{titles[status.state]}</b> {status.message}
      {status.desk === null ? null : ` What is shown is ${duration(Math.floor(ageMs / 1_000) * 1_000)} old.`}
    </div>
  )
}
