import type { RpcLimits } from '#net';
import type { MessageBudget } from '../../rpc/message-budget.ts';
import type { GatewayLimits } from '../limits.ts';

/** Messages of one call that may be read and not yet be on their way: so many questions at most are not answered. */
export const MESSAGES_AHEAD = 16;

/** Calls at once on one connection of a client: many a client opens one only. */
const STREAMS = 1000;

/** Bytes of messages that clients may have the gateway hold, of all calls, unless one alone may be larger. */
export const MOST_MESSAGES = 256 * 1024 * 1024;

/** Bytes of answers that are gathered or wait for slow clients, of all calls, unless one alone is larger. */
export const MOST_ANSWERS = 256 * 1024 * 1024;

/** What a client may hold on to: as over HTTP, and messages as large as the servers take them now. */
export function rpcLimits(limits: GatewayLimits, messages: MessageBudget): RpcLimits {
  return {
    handshakeMs: limits.headersMs,
    idleMs: limits.idleMs,
    silentMs: limits.silentMs,
    messageMs: limits.requestMs,
    get messageBytes() {
      return messages.largest;
    },
    messagesAhead: MESSAGES_AHEAD,
    streamsPerConnection: STREAMS,
  };
}
