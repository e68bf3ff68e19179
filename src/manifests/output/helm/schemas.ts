/** JSON Schema of what can be set: what is not said here is refused by Helm before anything is written. */

export const count = { type: 'integer', minimum: 0 } as const;
export const percent = { type: 'integer', minimum: 0, maximum: 100 } as const;
const text = { type: 'string', minLength: 1 } as const;
export const texts = { type: 'array', items: text } as const;
export const amount = { type: ['string', 'number'] } as const;
export const textMap = { type: 'object', additionalProperties: { type: 'string' } } as const;
export const maps = { type: 'array', items: { type: 'object' } } as const;

/** A map of texts without keys that are set already, which would be there twice. Helm names the place of no `propertyNames`. */
export function moreTexts(taken: readonly string[]): object {
  return { ...textMap, properties: Object.fromEntries(taken.map(key => [key, false])) };
}

/** With exactly these members. */
export function exactly(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const amounts = { type: 'object', additionalProperties: amount } as const;

export const resources = {
  type: 'object',
  properties: { requests: amounts, limits: amounts, claims: maps },
  additionalProperties: false,
} as const;

export const image = exactly({ repository: text, tag: { type: 'string' }, digest: { type: 'string' } });

const parent = {
  type: 'object',
  properties: {
    group: text,
    kind: text,
    name: text,
    namespace: text,
    sectionName: text,
    port: { type: 'integer', minimum: 1, maximum: 65535 },
  },
  required: ['name'],
  additionalProperties: false,
} as const;

/** Gateways, as a route of the Gateway API names them. */
export const parents = { type: 'array', items: parent, minItems: 1 } as const;
