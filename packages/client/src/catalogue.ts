/**
 * What `tidings generate types` writes of a server's catalogue. Given to `Tidings`, `receive` and `verifyWebhook`, it
 * makes the compiler check types, attributes and entities.
 */
export interface EventShape {
  readonly topic: string
  readonly attributes: object
  /** The entity. */
  readonly data: object
  /** The type's name in each dialect that has it. */
  readonly names: object
}

export type JsonObject = { readonly [key: string]: unknown }

/** A catalogue that nothing is known of: every type may be. */
export type AnyCatalogue = {
  readonly [type: string]: {
    readonly topic: string
    readonly attributes: JsonObject
    readonly data: JsonObject
    readonly names: { readonly [dialect: string]: string }
  }
}

/** A catalogue by its types. Written so that an interface is one too. */
export type CatalogueOf<C> = { readonly [T in keyof C]: EventShape }

/** The names that a dialect has for the types of a catalogue. */
export type NameIn<C extends CatalogueOf<C>, D extends string> = {
  [T in keyof C]: C[T]['names'] extends { readonly [name in D]: infer Name extends string } ? Name : never
}[keyof C]
