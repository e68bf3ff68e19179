/** `spec.server.auth`: who may ask a server for what. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import { isLoopback } from './bounds.ts';
import { durationText } from './fields.ts';

/** Signatures by a private key; with a secret that both sides know, whoever checks tokens could make them. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const NOT_A_PLACE =
  'must be an https: address, an http: address of this machine such as http://127.0.0.1:8080/jwks, or a path';

const path = z.string().min(1, 'must not be empty');

const keys = z.strictObject({
  file: path.describe("A file of API keys' digests, as `fairlead key new` writes it."),
});

const jwt = z.strictObject({
  issuer: path.describe("A token's `iss`."),
  audience: path.describe("What a token's `aud` is, or has among others."),
  jwks: z
    .string()
    .refine(isKeyPlace, NOT_A_PLACE)
    .describe("Where the issuer's public keys are: an address, or a file. Read again while the server runs."),
  algorithms: z
    .array(z.enum(algorithms))
    .min(1)
    .default([...algorithms])
    .describe('How tokens may be signed.'),
  scope: z
    .string()
    .regex(/^[!#-[\]-~]+( [!#-[\]-~]+)*$/, 'must be words with single spaces between')
    .optional()
    .describe('Words that a token must all have in `scope`, or `scp`.'),
  leeway: durationText(0).default('30s').describe('How much the clocks of issuer and server may differ.'),
});

const credentials = z
  .strictObject({
    keys: keys.optional().describe('API keys.'),
    jwt: jwt.optional().describe('Signed tokens of an issuer (JWT).'),
  })
  .refine(one => one.keys !== undefined || one.jwt !== undefined, {
    error: 'must have keys or jwt, or both',
  });

export const auth = z
  .strictObject({
    predict: credentials
      .optional()
      .describe('For predictions and all that is told of models. Default: nobody is asked.'),
    admin: credentials
      .optional()
      .describe(
        "For metrics, statistics, loading and unloading, and the gateway's own pages. Default: nobody may have them.",
      ),
  })
  .refine(one => one.predict !== undefined || one.admin !== undefined, {
    error: 'must have predict or admin, or both',
  });

export type AuthOptions = Readonly<z.output<typeof auth>>;

/** Whether public keys may come from a place: an address that nobody between can change, or a file. */
function isKeyPlace(text: string): boolean {
  if (!text.includes('://')) return text !== '';
  const address = URL.parse(text);
  if (address === null || address.username !== '' || address.password !== '') return false;
  return address.protocol === 'https:' || (address.protocol === 'http:' && isLoopback(address.hostname));
}

/** Whether the keys of an issuer are in a file, and not at an address. */
export function isKeyFile(jwks: string): boolean {
  return !jwks.includes('://');
}
