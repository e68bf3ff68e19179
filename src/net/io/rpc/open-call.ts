import { asAppError, failure, systemClock } from '#base';
import type { RpcCall, RpcHandler, RpcReceiver } from '../../rpc/call.ts';
import { framed } from '../../rpc/frame.ts';
import type { Head } from '../../rpc/head.ts';
import { percentEncode, RpcStatus, rpcStatusOf } from '../../rpc/status.ts';
import { type Fields, ResetCode, type RpcStream, type StreamListener } from '../../rpc/transport.ts';
import type { CallHost } from './call-host.ts';
import { Intake, type IntakeListener } from './intake.ts';

/** What a call is counted with in the budget before it has sent anything: its headers, its stream, itself. Bytes. */
export const CALL_BYTES = 4096;

/** A call that its client takes back sooner has cost the server more than the client. Milliseconds. */
const RAPID_MS = 5;

/** The longest that a timer can wait; a deadline beyond it is waited for in several steps. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/** A call and its stream: messages in and out, a deadline, and one end. */
export class OpenCall implements RpcCall, StreamListener, IntakeListener {
  /** Its place in the host's list. */
  place = -1;
  readonly deadline: number;
  readonly #host: CallHost;
  readonly #stream: RpcStream;
  readonly #head: Head;
  readonly #intake: Intake;
  readonly #since = systemClock.now();
  #receiver: RpcReceiver | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isCancelled = false;
  #headersSent = false;
  #finished = false;
  /** Much waits to be sent. */
  #full = false;
  /** Sweeps since something moved; and since the last message was whole, while another is arriving. */
  #silence = 0;
  #age = 0;

  /** The host holds `CALL_BYTES` for it. */
  constructor(host: CallHost, stream: RpcStream, head: Head) {
    this.#host = host;
    this.#stream = stream;
    this.#head = head;
    this.#intake = new Intake(host, head.encoding, this);
    this.deadline = this.#since + head.timeout;
  }

  /** Hands the call to `handle`; comes before anything of the stream. */
  begin(handle: RpcHandler): void {
    if (this.deadline !== Infinity) this.#await();
    try {
      this.#receiver = handle(this);
    } catch (error: unknown) {
      this.failed(error);
    }
  }

  get path(): string {
    return this.#stream.path;
  }

  get peer(): string {
    return this.#host.peer;
  }

  get cancelled(): boolean {
    return this.#isCancelled;
  }

  header(name: string): string | undefined {
    return this.#stream.header(name);
  }

  sendHeaders(fields?: Fields): void {
    if (this.#finished || this.#headersSent) return;
    this.#headersSent = true;
    this.#stream.respond(200, withMore({ 'content-type': this.#head.contentType }, fields), false);
  }

  send(pieces: readonly Uint8Array[]): boolean {
    if (this.#finished) return true;
    this.sendHeaders();
    this.#full = !this.#stream.write(framed(pieces));
    return !this.#full;
  }

  finish(status: number, message: string, trailers?: Fields): void {
    if (this.#finished) return;
    this.#stop();
    const end: Record<string, string> = { 'grpc-status': String(status) };
    if (message !== '') end['grpc-message'] = percentEncode(message);
    if (this.#headersSent) return this.#stream.end(withMore(end, trailers));
    const headers = { 'content-type': this.#head.contentType, ...end };
    this.#stream.respond(200, withMore(headers, trailers), true);
  }

  release(): void {
    this.#intake.release();
  }

  // The stream's side.

  data(chunk: Buffer): void {
    this.#silence = 0;
    this.#intake.push(chunk);
  }

  ended(): void {
    this.#intake.end();
  }

  moved(): void {
    this.#silence = 0;
  }

  drained(): void {
    this.#silence = 0;
    this.#full = false;
    if (this.#finished) return;
    try {
      this.#receiver?.drained?.();
    } catch (error: unknown) {
      this.failed(error);
    }
    this.#intake.read();
  }

  closed(): void {
    const wasFinished = this.#finished;
    if (!wasFinished) this.#stop();
    this.#intake.drop();
    this.#host.budget.release(CALL_BYTES);
    this.#host.over(this, !wasFinished && systemClock.now() - this.#since < RAPID_MS);
    if (!wasFinished) this.#tellCancelled();
    this.#receiver?.closed?.();
  }

  // The intake's side.

  /** Who does not take the answers sends no more questions, whatever the receiver makes of them. */
  get isFull(): boolean {
    return this.#full;
  }

  message(bytes: Buffer): void {
    this.#age = 0;
    this.#receiver?.message(bytes);
  }

  requestEnded(): void {
    this.#receiver?.ended();
  }

  failed(thrown: unknown): void {
    const error = asAppError(thrown);
    this.#end(rpcStatusOf(error), error.message);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Ends the call before its receiver did, which learns of it. */
  #end(status: RpcStatus, message: string): void {
    if (this.#finished) return;
    this.finish(status, message);
    this.#tellCancelled();
  }

  #tellCancelled(): void {
    this.#isCancelled = true;
    try {
      this.#receiver?.cancelled();
    } catch {
      // It has ended: nobody is left to tell.
    }
  }

  #stop(): void {
    this.#finished = true;
    clearTimeout(this.#timer);
    this.#intake.stop();
  }

  #await(): void {
    const rest = Math.max(0, Math.ceil(this.deadline - systemClock.now()));
    this.#timer = setTimeout(expire, Math.min(rest, MOST_TIMER_MS), this);
  }

  /** The deadline's timer. */
  expire(): void {
    if (systemClock.now() < this.deadline) this.#await();
    else this.#end(RpcStatus.deadlineExceeded, 'the deadline has passed');
  }

  /** Looks after a client that does not do its part; comes each `sweepMs`. */
  sweep(sweepMs: number): void {
    const { silentMs, messageMs } = this.#host.limits;
    const isArriving = this.#intake.awaits;
    if (!isArriving && !this.#full && !this.#finished) return;
    // What has lasted for n sweeps has lasted for more than n - 1 of their intervals.
    const silence = this.#silence++ * sweepMs;
    const age = isArriving ? this.#age++ * sweepMs : 0;
    if (isArriving && (silence >= silentMs || age >= messageMs))
      this.failed(failure('body_too_slow', { seconds: Math.min(silentMs, messageMs) / 1000 }));
    else if (silence >= silentMs) this.#stream.reset(ResetCode.cancel);
  }
}

/** The receiver's fields beside the door's, which hold. Values that HTTP would refuse are encoded as status messages are. */
function withMore(own: Fields, more: Fields | undefined): Fields {
  if (more === undefined) return own;
  const encoded = Object.entries(more).map(([name, value]) => [name, percentEncode(value)]);
  return { ...Object.fromEntries(encoded), ...own };
}

function expire(call: OpenCall): void {
  call.expire();
}
