import type { Clock, Logger } from '#base';
import type { EventForm } from '../cloud-events.ts';
import { type PayloadRecord, recordLine } from '../payload-record.ts';
import type { Told } from '../told.ts';
import { Outbox } from './outbox.ts';
import { RecordFile } from './record-file.ts';

/** Where records of predictions go. */
export type RecordTarget =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number; readonly files: number }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly form: EventForm;
      /** Of every request: credentials, say. */
      readonly headers: Readonly<Record<string, string>>;
    };

/** Takes records of predictions, and never keeps whoever has one waiting. */
export interface Records {
  offer(record: PayloadRecord): void;
  readonly told: Told;
  /** Writes what waits, for so many milliseconds at most. */
  close(graceMs: number): Promise<void>;
}

export interface RecordsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What may wait to be written. */
const MOST = { items: 4096, bytes: 32 * 1024 * 1024 };
const SEND_MS = 10_000;

/** Opens the file, or what posts events. Throws `payload_log_unwritable`. */
export function openRecords(target: RecordTarget, ports: RecordsPorts): Promise<Records> {
  return target.kind === 'file' ? openFile(target, ports) : openEvents(target, ports);
}

async function openFile(
  target: Extract<RecordTarget, { kind: 'file' }>,
  ports: RecordsPorts,
): Promise<Records> {
  const file = await RecordFile.open(target);
  const outbox = new Outbox<string>({
    ...ports,
    to: target.path,
    most: MOST,
    batch: 128,
    gatherMs: 100,
    lanes: 1,
    // What was half written must not be written again.
    tries: 1,
    sendMs: SEND_MS,
    send: lines => file.write(lines),
  });
  return {
    offer(record) {
      const line = recordLine(record);
      outbox.offer(line, line.length);
    },
    get told() {
      return outbox.told;
    },
    async close(graceMs) {
      await outbox.close(graceMs);
      // A write that hangs is left to the process.
      void file.close().catch(() => undefined);
    },
  };
}

async function openEvents(
  target: Extract<RecordTarget, { kind: 'http' }>,
  ports: RecordsPorts,
): Promise<Records> {
  // With it comes all of TLS.
  const { EventSink } = await import('./event-sink.ts');
  const sink = new EventSink(target);
  const outbox = new Outbox<PayloadRecord>({
    ...ports,
    to: new URL(target.url).host,
    most: MOST,
    batch: 1,
    gatherMs: 0,
    lanes: 8,
    tries: 4,
    sendMs: SEND_MS,
    send: (records, signal) => sink.send(records, signal),
  });
  return {
    offer: record => outbox.offer(record, (record.inputs?.length ?? 0) + (record.outputs?.length ?? 0)),
    get told() {
      return outbox.told;
    },
    async close(graceMs) {
      await outbox.close(graceMs);
      sink.close();
    },
  };
}
