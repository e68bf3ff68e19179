import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Subject } from './subject.ts';

export interface Started {
  readonly http: string;
  /** `host:port`. */
  readonly grpc: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts a server that serves this; it ends with us. Throws when it does not start. */
export async function startSubject(folder: string, subject: Subject): Promise<Started> {
  const file = join(folder, 'subject.json');
  writeFileSync(file, JSON.stringify(subject));
  const script = fileURLToPath(new URL('subject.ts', import.meta.url));
  const argv = ['--conditions=source', script, file];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const first = once(createInterface(child.stdout), 'line');
  const [line] = (await Promise.race([first, ended])) as [unknown];
  if (typeof line !== 'string') throw new Error(`the server ended: ${String(line)}`);
  const [http = '', grpc = ''] = line.split(' ');
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  return { http, grpc: grpc.replace('grpc://', ''), pid: Number(child.pid), stop };
}

/** The most that a process ever held, as Linux keeps it. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return Number(kilobytes) * 1024;
}
