import { useEffect, useState, useSyncExternalStore } from 'react'
import type { EventSearch } from '../../api/event-list.ts'
import { EventTail, type Tail } from '../../api/event-tail.ts'

const none: Tail = { rows: [], held: [], isHeld: false, state: 'connecting', heardAtMs: 0 }
const never = () => () => {}

/** The tail of a search: a new one for each search, closed when the page is left. What has an end has none. */
export function useEventTail({ topic, types, tenant, entity, until }: EventSearch) {
  const [tail, setTail] = useState<EventTail | null>(null)
  const hasEnd = until !== undefined
  useEffect(() => {
    if (hasEnd) return
    const opened = new EventTail({ topic, types, tenant, entity })
    setTail(opened)
    return () => {
      opened.close()
      setTail(null)
    }
  }, [topic, types, tenant, entity, hasEnd])
  const shown = useSyncExternalStore(tail?.subscribe ?? never, tail?.read ?? (() => none))
  return { ...shown, hold: (isHeld: boolean) => tail?.hold(isHeld) }
}
