import { timingSafeEqual } from 'node:crypto';
import { failure } from '#base';
import type { Asked, Guard } from './guard.ts';
import { digestOf } from './key-list.ts';
import { FREE, type Pass } from './limiter.ts';
import { Refusals } from './refusals.ts';

/** By this header a gateway shows a server of its own that it is the gateway. */
export const GATEWAY_HEADER = 'x-fairlead-gateway';

/** Lets in only the gateway that started this server, which knows its secret; it has asked all others who they are. */
export class GatewayOnly implements Guard {
  readonly refusals = new Refusals();
  readonly #digest: Buffer;

  constructor(secret: string) {
    this.#digest = digestOf(secret);
  }

  enter({ needs, header }: Asked): Pass {
    if (needs === undefined) return FREE;
    if (timingSafeEqual(digestOf(header(GATEWAY_HEADER) ?? ''), this.#digest)) return FREE;
    this.refusals.count('access_denied');
    throw failure('access_denied', { problem: 'this server answers its gateway only; ask that' });
  }
}
