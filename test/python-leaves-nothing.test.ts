/** What a model of Python has started ends with its process, and that with the server, however either of them ends. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { folderWith, pythonFor } from '../src/server/runtimes/python/fixtures/python.ts';
import { type Program, run, startProgram, until } from './programs/fairlead.ts';

/**
 * A model that has a process of a shell, one of multiprocessing with one of its own, and, on Linux, one that has left the
 * group, lost its parent and takes no signal to end. It tells all of them, its own and its guardian's.
 */
const PROLIFIC = `
import multiprocessing, os, subprocess, sys, time

DEAF = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(600)"

def sleep(told):
    told.send([os.getpid(), subprocess.Popen(["sleep", "600"]).pid])
    time.sleep(600)

def detached():
    starts = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {DEAF!r}], start_new_session=True)"
    starter = subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE, text=True)
    pid = int(starter.stdout.readline())
    starter.wait()
    return pid

class Model:
    inputs = {"x": ("FP32", [-1, 1])}
    outputs = {"y": ("FP32", [-1, 1])}
    def load(self, path):
        here, there = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=sleep, args=(there,), daemon=True)
        self.process.start()
        self.pipes = here, there
        pids = [os.getpid(), os.getppid(), subprocess.Popen(["sleep", "600"]).pid, *here.recv()]
        if sys.platform == "linux":
            pids.append(detached())
        with open(f"{path}/started", "w") as file:
            file.write(" ".join(map(str, pids)))
    def predict(self, inputs):
        if inputs["x"][0, 0] == 1: time.sleep(600)
        if inputs["x"][0, 0] == 2: os.abort()
        return {"y": inputs["x"]}
`;

interface Prolific extends Program {
  /** Of the worker, its guardian, and all that the worker has started. */
  readonly pids: readonly number[];
}

async function prolific(t: TestContext, ...flags: readonly string[]): Promise<Prolific | undefined> {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return undefined;
  const folder = folderWith(t, { 'model.py': PROLIFIC });
  const python = ['--interpreter', interpreter, '--class', 'model:Model'];
  const server = await startProgram(['serve', folder, ...python, '--grpc-port', 'off', ...flags]);
  t.after(() => server.child.kill('SIGKILL'));
  const pids = readFileSync(join(folder, 'started'), 'utf8').split(' ').map(Number);
  t.after(() => pids.forEach(end));
  assert(pids.length >= 5 && pids.every(lives), `${pids.join()} do not all live`);
  return { ...server, pids };
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Who has ended and is not waited for, as process 1 of some containers does not, is no more than a number.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

function end(pid: number): void {
  if (lives(pid)) process.kill(pid, 'SIGKILL');
}

function ask(url: string, value: number): Promise<number> {
  const body = JSON.stringify({ inputs: [[value]] });
  return fetch(`${url}/predict`, { method: 'POST', body }).then(
    ({ status }) => status,
    () => 0,
  );
}

const ends: readonly { readonly how: string; readonly end: (server: Prolific) => Promise<unknown> }[] = [
  { how: 'the server is killed', end: server => server.stop('SIGKILL') },
  {
    how: 'the server is killed in the middle of a run',
    end: async server => {
      const asked = ask(server.url, 1);
      await until(async () =>
        /^predictions_in_flight\{.*\} 1$/m.test(await (await fetch(`${server.url}/metrics`)).text()),
      );
      await server.stop('SIGKILL');
      return asked;
    },
  },
  { how: 'the server is stopped', end: server => server.stop() },
  { how: 'the worker is killed', end: async ({ pids: [worker = 0] }) => process.kill(worker, 'SIGKILL') },
  { how: 'the guardian is told to end', end: async ({ pids: [, one = 0] }) => process.kill(one, 'SIGTERM') },
  { how: 'the worker aborts', end: ({ url }) => ask(url, 2) },
];

for (const { how, end: injure } of ends)
  test(`nothing that a model has started is left when ${how}`, async t => {
    const server = await prolific(t);
    if (server === undefined) return;
    await injure(server);
    await until(() => !server.pids.some(lives));
  });

test('a model whose processes are ended with it comes back, and says of what it died', async t => {
  const server = await prolific(t);
  if (server === undefined) return;
  assert.equal(await ask(server.url, 2), 500);
  await until(async () => (await ask(server.url, 3)) === 200);
  assert.match(server.stderr(), /model process died.*it was ended by SIGABRT/);
});

test('a program that never becomes a worker ends with the server', async t => {
  const stops = '#!/bin/sh\necho $$ > "$0.pid"\nkill -TERM $PPID\nexec sleep 600\n';
  const folder = folderWith(t, { 'model.py': '', stops });
  const interpreter = join(folder, 'stops');
  chmodSync(interpreter, 0o755);
  await run(['serve', folder, '--class', 'model:Model', '--interpreter', interpreter, '--port', '0']);
  const pid = Number(readFileSync(`${interpreter}.pid`, 'utf8'));
  t.after(() => end(pid));
  await until(() => !lives(pid));
});
