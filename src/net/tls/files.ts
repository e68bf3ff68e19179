/** PEM files that a port speaks TLS by. */
export interface TlsFiles {
  /** The certificate that clients are shown, and after it those that lead to its authority. */
  readonly certificate: string;
  /** The certificate's private key, without a passphrase. */
  readonly key: string;
  /** One of these must have signed a client's certificate; without it, clients need none. */
  readonly clientAuthority?: string | undefined;
}
