/** What is known of an endpoint: it accepted the last delivery, nothing yet, or it failed lately. */
export const standings = ['proven', 'unknown', 'suspect'] as const
export type Standing = (typeof standings)[number]
