/** One scheduled task. */
export interface Task {
  readonly at: number
  readonly order: number
  run: (() => void) | null
}

/** A binary heap of tasks by instant, then by the order in which they came. */
export class TaskQueue {
  private readonly heap: Task[] = []
  private count = 0

  get size(): number {
    return this.heap.length
  }

  peek(): Task | undefined {
    return this.heap[0]
  }

  add(at: number, run: () => void): Task {
    const task: Task = { at, order: this.count++, run }
    const heap = this.heap
    let index = heap.length
    heap.push(task)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const other = heap[parent] as Task
      if (before(other, task)) break
      heap[index] = other
      index = parent
    }
    heap[index] = task
    return task
  }

  take(): Task | undefined {
    const heap = this.heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Task, heap[child] as Task)) child += 1
      const other = heap[child] as Task
      if (before(last, other)) break
      heap[index] = other
      index = child
    }
    heap[index] = last
    return first
  }
}

function before(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
