import type { SecureContextOptions, Server } from 'node:tls';
import { asAppError, type Clock, type Logger } from '#base';
import { expiryWord } from '../../tls/expiry.ts';
import type { TlsFiles } from '../../tls/files.ts';
import { type Identity, readIdentity } from './read-identity.ts';

export interface TlsIdentityPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks at the files. */
  readonly everyMs?: number;
}

const EVERY_MS = 2000;

/** What a port is made with to speak TLS. */
export interface TlsOptions extends SecureContextOptions {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

interface HandshakeError extends Error {
  /** OpenSSL's own words, without the place in its sources. */
  readonly reason?: string;
}

/**
 * Who a server is to its clients, and which clients it takes: its certificate, key and authority. The files are looked
 * at again and again; what they say anew holds for new connections, and while they say nothing good, what was good
 * before does.
 */
export class TlsIdentity {
  readonly #ports: TlsIdentityPorts;
  readonly #servers = new Set<Server>();
  #files: TlsFiles;
  #identity: Identity;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** What was said last of a fault, and of the end: neither is said twice. */
  #fault = '';
  #expiry = '';

  /** Throws `tls_unusable`. */
  static async open(files: TlsFiles, ports: TlsIdentityPorts): Promise<TlsIdentity> {
    return new TlsIdentity(files, await readIdentity(files, ports.clock.date()), ports);
  }

  private constructor(files: TlsFiles, identity: Identity, ports: TlsIdentityPorts) {
    this.#files = files;
    this.#identity = identity;
    this.#ports = ports;
    this.#sayExpiry();
    this.#lookLater();
  }

  /** For a new port, which `serve` is to be told of. */
  get options(): TlsOptions {
    const isMutual = this.#files.clientAuthority !== undefined;
    return { ...this.#identity.context, requestCert: isMutual, rejectUnauthorized: isMutual };
  }

  /** Unix time at which its certificate ends. Seconds. */
  get expirySeconds(): number {
    return this.#identity.expires.getTime() / 1000;
  }

  /** Gives new connections of a port what the files say, from now on. */
  serve(server: Server): void {
    this.#servers.add(server);
    server.once('close', () => this.#servers.delete(server));
    server.on('tlsClientError', (error: HandshakeError, { remoteAddress: peer }) => {
      const problem = error.reason ?? error.message;
      this.#ports.logger.log('debug', 'handshake failed', { peer, problem });
    });
  }

  /** Whether other files could be taken. Throws `tls_unusable`. */
  async check(files: TlsFiles): Promise<void> {
    await readIdentity(files, this.#ports.clock.date());
  }

  /** Takes other files. Throws `tls_unusable`, and then all is as it was. */
  async use(files: TlsFiles): Promise<void> {
    const identity = await readIdentity(files, this.#ports.clock.date());
    this.#files = files;
    this.#take(identity);
  }

  /** Ends the looking. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    const { everyMs = EVERY_MS } = this.#ports;
    this.#timer = setTimeout(() => void this.#look().finally(() => this.#lookLater()), everyMs);
    this.#timer.unref();
  }

  /** What the files hold is compared, not their times: two texts can have one time, and links are swapped. */
  async #look(): Promise<void> {
    const files = this.#files;
    try {
      const identity = await readIdentity(files, this.#ports.clock.date());
      this.#fault = '';
      if (files === this.#files && !sameTexts(identity, this.#identity)) this.#take(identity);
    } catch (error: unknown) {
      this.#sayFault(asAppError(error).message);
    }
    this.#sayExpiry();
  }

  #take(identity: Identity): void {
    this.#identity = identity;
    for (const server of this.#servers) server.setSecureContext(identity.context);
    const { certificate } = this.#files;
    this.#ports.logger.log('info', 'certificate replaced', { certificate, expires: identity.expires });
  }

  #sayFault(problem: string): void {
    if (problem === this.#fault) return;
    this.#fault = problem;
    this.#ports.logger.log('error', 'certificate not replaced: the one before stays', { problem });
  }

  /** Once a day, and for each certificate. */
  #sayExpiry(): void {
    const { clock, logger } = this.#ports;
    const { expires } = this.#identity;
    const word = expiryWord(expires, clock.date());
    if (word === undefined) return;
    const { level, message, daysLeft } = word;
    const said = `${expires.getTime()} ${daysLeft}`;
    if (said === this.#expiry) return;
    this.#expiry = said;
    logger.log(level, message, { certificate: this.#files.certificate, expires, days_left: daysLeft });
  }
}

function sameTexts(one: Identity, other: Identity): boolean {
  return one.texts.every((text, at) => text === other.texts[at]);
}
