import type { ReactNode } from 'react'

/** A titled box whose body scrolls by itself. */
export function Panel(props: {
  readonly title: string
  readonly count?: number | string
  readonly tools?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}) {
  const { title, count, tools, className = '', children } = props
  return (
    <section className={`panel ${className}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {count === undefined ? null : <span className="count">{count}</span>}
        <span className="tools">{tools}</span>
      </header>
      <div className="body">{children}</div>
    </section>
  )
}

/** What is awaited, where there is nothing yet. */
export function Awaited({ children }: { readonly children: ReactNode }) {
  return <p className="awaited">{children}</p>
}
