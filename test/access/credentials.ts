/** Keys and tokens of every kind that a service may be shown, and the file that says which are good. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Served, type Signer, serveKeys, signer } from '../../src/net/access/fixtures/issuer.ts';
import { run } from '../programs/fairlead.ts';

export interface Credentials {
  readonly folder: string;
  /** `spec.server.auth`, as JSON. */
  readonly auth: object;
  readonly issuer: Served;
  readonly signers: { readonly now: Signer; readonly next: Signer };
  /** Keys that `fairlead key new` made. */
  readonly keys: Readonly<Record<'predict' | 'admin' | 'expired' | 'limited', string>>;
  /** A token with some claims other than those of a good one. */
  readonly token: (claims?: object) => Promise<string>;
}

const ISSUER = 'https://issuer.test';

export async function credentials(t: TestContext): Promise<Credentials> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-access-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [now, next] = await Promise.all([signer('now'), signer('next', 'ES256')]);
  const issuer = await serveKeys(t, [now.jwk]);
  const make = (name: string, file: string, ...more: string[]): Promise<string> =>
    newKey(join(folder, file), name, ...more);
  const keys = {
    predict: await make('alice', 'keys.yaml'),
    expired: await make('olga', 'keys.yaml', '--expires', '2020-01-01'),
    limited: await make('lim', 'keys.yaml', '--rate', '3/h', '--concurrent', '2'),
    admin: await make('root', 'admin.yaml'),
  };
  const auth = {
    predict: {
      keys: { file: 'keys.yaml' },
      jwt: { issuer: ISSUER, audience: 'digits', jwks: issuer.url, scope: 'predict' },
    },
    admin: {
      keys: { file: 'admin.yaml' },
      jwt: { issuer: ISSUER, audience: 'digits', jwks: issuer.url, scope: 'admin' },
    },
  };
  writeFileSync(join(folder, 'auth.json'), JSON.stringify(auth));
  const token: Credentials['token'] = claims => now.sign({ ...goodClaims(), ...claims });
  return { folder, auth, issuer, signers: { now, next }, keys, token };
}

export function goodClaims(): { iss: string; aud: string; exp: number; scope: string } {
  return { iss: ISSUER, aud: 'digits', exp: Math.floor(Date.now() / 1000) + 600, scope: 'predict' };
}

/** Makes a key as a user does. */
export async function newKey(file: string, name: string, ...more: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['key', 'new', name, '--file', file, ...more]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** A service file of the digits example with these credentials, in their folder. */
export function serviceFile({ folder, auth }: Credentials, digits: string): string {
  const path = join(folder, 'fairlead.json');
  const file = {
    kind: 'ModelService',
    metadata: { name: 'digits' },
    spec: {
      model: { uri: join(digits, 'models', 'digits', '1') },
      server: { auth, control: { explicit: {} } },
    },
  };
  writeFileSync(path, JSON.stringify(file));
  return path;
}
