/** Who may ask for what, in a container. */
import type { AuthOptions } from './auth-schema.ts';
import { isKeyFile } from './auth-schema.ts';
import { SETTINGS } from './container.ts';
import { type Findings, mountedAt, packedAt } from './findings.ts';

type Credentials = NonNullable<AuthOptions['predict']>;
type Asked = keyof AuthOptions;

export function containedAuth({ predict, admin }: AuthOptions, findings: Findings): AuthOptions {
  return {
    ...(predict && { predict: credentialsIn(predict, 'predict', findings) }),
    ...(admin && { admin: credentialsIn(admin, 'admin', findings) }),
  };
}

/** An issuer's public keys are packed; who has keys is nobody's business who has the image. */
function credentialsIn({ keys, jwt }: Credentials, asked: Asked, findings: Findings): Credentials {
  const isFile = jwt !== undefined && isKeyFile(jwt.jwks);
  return {
    ...(keys && { keys: { ...keys, file: keysIn(keys.file, asked, findings) } }),
    ...(jwt && {
      jwt: isFile ? { ...jwt, jwks: packedAt(jwt.jwks, `${SETTINGS}/jwks/${asked}.json`, findings) } : jwt,
    }),
  };
}

function keysIn(written: string, asked: Asked, { mounted }: Findings): string {
  const path = mountedAt(written, `${SETTINGS}/keys/${asked}.yaml`);
  mounted.push({
    field: `server.auth.${asked}.keys.file`,
    path,
    why: 'who has keys changes, and is not for whoever has the image',
  });
  return path;
}
