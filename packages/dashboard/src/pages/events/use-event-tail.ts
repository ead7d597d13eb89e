import { useEffect, useState, useSyncExternalStore } from 'react'
import type { EventSearch } from '../../api/event-list.ts'
import { EventTail, type Tail } from '../../api/event-tail.ts'

const none: Tail = { rows: [], held: [], isHeld: false, state: 'connecting', heardAtMs: 0 }
const never = () => () => {}

/** The tail of a search: a new one for each search, closed when the page is left. */
export function useEventTail({ topic, types, tenant, entity }: EventSearch) {
  const [tail, setTail] = useState<EventTail | null>(null)
  useEffect(() => {
    const opened = new EventTail({ topic, types, tenant, entity })
    setTail(opened)
    return () => opened.close()
  }, [topic, types, tenant, entity])
  const shown = useSyncExternalStore(tail?.subscribe ?? never, tail?.read ?? (() => none))
  return { ...shown, hold: (isHeld: boolean) => tail?.hold(isHeld) }
}
