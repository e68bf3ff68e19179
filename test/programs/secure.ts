/** Starts the real program where it speaks TLS, and asks it as a client that trusts its authority. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { root, until } from './fairlead.ts';

export interface SecureProgram {
  readonly child: ChildProcess;
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** `localhost:port` of gRPC. */
  readonly grpc: string;
  /** What is printed on stdout and on stderr so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
}

/** Starts `serve` or `up` on free ports, until it has said where it listens and is ready; killed after the test. */
export async function startSecure(
  t: TestContext,
  args: readonly string[],
  options: RequestOptions,
): Promise<SecureProgram> {
  const main = join(root, 'src', 'cli', 'main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, ...args, '--port', '0'], { cwd: root });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', chunk => (stdout += String(chunk)));
  child.stderr.on('data', chunk => (stderr += String(chunk)));
  const said = (): string => (args[0] === 'up' ? (/ serves at .*/.exec(stderr)?.[0] ?? '') : stdout);
  const url = (): string => /https:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0] ?? '';
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${stderr}`);
    return url() !== '' && (await ask(`${url()}/health`, options)).status === 200;
  });
  const grpc = `localhost:${/grpcs:\/\/127\.0\.0\.1:(\d+)/.exec(said())?.[1] ?? ''}`;
  return { child, url: url(), grpc, stdout: () => stdout, stderr: () => stderr, exited };
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One request on a connection of its own, over TLS where the URL says so. */
export async function ask(
  url: string,
  { body, ...options }: RequestOptions & { readonly body?: string } = {},
): Promise<Told> {
  const method = body === undefined ? 'GET' : 'POST';
  const open = url.startsWith('https:') ? request : plainRequest;
  const sent = open(url, { method, agent: false, servername: 'localhost', ...options });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, headers: answer.headers, text };
}
