/** The catalogue, as dialects read it. */
export type { Catalogue } from '../../catalogue/catalogue.ts'
export type { EventType } from '../../catalogue/event-type.ts'
