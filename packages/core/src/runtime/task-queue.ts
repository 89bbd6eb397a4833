/** One scheduled task. */
export interface Task {
  readonly at: number
  readonly order: number
  run: (() => void) | null
  /** Where it stands in the queue; -1 when it has left. */
  index: number
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
    const task: Task = { at, order: this.count++, run, index: this.heap.length }
    this.heap.push(task)
    this.rise(task)
    return task
  }

  take(): Task | undefined {
    const first = this.heap[0]
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes a task out, wherever it stands; harmless when it has left. A timer that is taken back must not wait for its time. */
  remove(task: Task): void {
    if (task.index < 0) return
    const { heap } = this
    const last = heap.pop() as Task
    if (last !== task) {
      last.index = task.index
      heap[last.index] = last
      this.rise(last)
      this.sink(last)
    }
    task.index = -1
    task.run = null
  }

  private rise(task: Task): void {
    const { heap } = this
    let { index } = task
    while (index > 0) {
      const parent = (index - 1) >> 1
      const other = heap[parent] as Task
      if (before(other, task)) break
      heap[index] = other
      other.index = index
      index = parent
    }
    heap[index] = task
    task.index = index
  }

  private sink(task: Task): void {
    const { heap } = this
    let { index } = task
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Task, heap[child] as Task)) child += 1
      const other = heap[child] as Task
      if (before(task, other)) break
      heap[index] = other
      other.index = index
      index = child
    }
    heap[index] = task
    task.index = index
  }
}

function before(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
