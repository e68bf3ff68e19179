/** Files that `spec.server` names, as absolute paths: those of a service's file start at `base`. */
import { resolve } from 'node:path';
import { type AuthOptions, isKeyFile, type ServerOptions } from '#spec';

type Credentials = NonNullable<AuthOptions['predict']>;
type Tls = NonNullable<ServerOptions['tls']>;

export function serverAt(server: ServerOptions, base: string): ServerOptions {
  const { auth, tls, payloadLog } = server;
  return {
    ...server,
    ...(auth && { auth: authAt(auth, base) }),
    ...(tls && { tls: tlsAt(tls, base) }),
    ...(payloadLog?.file !== undefined && {
      payloadLog: { ...payloadLog, file: resolve(base, payloadLog.file) },
    }),
  };
}

/** Who may ask for what. */
export function authAt({ predict, admin }: AuthOptions, base: string): AuthOptions {
  return {
    ...(predict && { predict: credentialsAt(predict, base) }),
    ...(admin && { admin: credentialsAt(admin, base) }),
  };
}

function credentialsAt({ keys, jwt }: Credentials, base: string): Credentials {
  return {
    ...(keys && { keys: { ...keys, file: resolve(base, keys.file) } }),
    ...(jwt && { jwt: isKeyFile(jwt.jwks) ? { ...jwt, jwks: resolve(base, jwt.jwks) } : jwt }),
  };
}

function tlsAt(tls: Tls, base: string): Tls {
  const { certificate, key, clientAuthority } = tls;
  return {
    ...tls,
    certificate: resolve(base, certificate),
    key: resolve(base, key),
    ...(clientAuthority !== undefined && { clientAuthority: resolve(base, clientAuthority) }),
  };
}
