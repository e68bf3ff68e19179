/** A gRPC service as a table of its methods. */
import type { MessageType } from './schema.ts';

export interface Method<Q extends MessageType = MessageType, A extends MessageType = MessageType> {
  readonly request: Q;
  readonly response: A;
  /** Whether the client sends any number of requests. */
  readonly requestStream: boolean;
  /** Whether the server sends any number of answers. */
  readonly responseStream: boolean;
}

export type Methods = Readonly<Record<string, Method>>;

export interface Service<M extends Methods = Methods> {
  /** With its package; a method's path is `/name/Method`. */
  readonly name: string;
  readonly methods: M;
}

export function service<const M extends Methods>(name: string, methods: M): Service<M> {
  return { name, methods };
}

export function unary<Q extends MessageType, A extends MessageType>(request: Q, response: A): Method<Q, A> {
  return { request, response, requestStream: false, responseStream: false };
}

/** One request, many answers. */
export function serverStream<Q extends MessageType, A extends MessageType>(
  request: Q,
  response: A,
): Method<Q, A> {
  return { request, response, requestStream: false, responseStream: true };
}

/** Many requests, many answers. */
export function duplex<Q extends MessageType, A extends MessageType>(request: Q, response: A): Method<Q, A> {
  return { request, response, requestStream: true, responseStream: true };
}
