/**
 * A model server in a process of its own, as a program of others has it: its arguments are a folder of models. It prints
 * its addresses, and tells its parent what it is asked. It ends on SIGTERM, and when its parent is gone.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { jsonLogger, systemClock } from '#base';
import { ModelServer, type ModelToServe, onnxRuntime, usualSettings } from '#server';
import { placed } from '../models/layout.ts';
import { limits } from './limits.ts';
import type { Told, Usage, Wish } from './messages.ts';
import { Threads } from './threads.ts';

const MIB = 1024 * 1024;

const [folder = ''] = process.argv.slice(2);
const threads = new Threads();
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

const server = new ModelServer(
  {
    models: modelsIn(),
    labels: [{ name: 'digits', version: '2', label: 'stable' }],
    modelControl: true,
    host: '127.0.0.1',
    port: 0,
    grpcPort: 0,
    settings: usualSettings,
    ...limits,
  },
  {
    clock: systemClock,
    logger: jsonLogger('warn', line => process.stderr.write(line)),
    runtime: onnxRuntime,
    idPrefix: 'soak',
    identity: { name: 'fairlead', version: 'soak' },
    resolve: async name => modelsIn(name),
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  },
);

process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
process.once('disconnect', () => process.exit(1));
process.on('message', ({ id, wish }: { id: number; wish: Wish }) => process.send?.(told(id, wish)));

const { http, grpc = '' } = await server.listen();
await server.load();
process.stdout.write(`${JSON.stringify({ http, grpc: grpc.replace('grpc://', '') })}\n`);

function modelsIn(name?: string): ModelToServe[] {
  return placed(folder, name).map(model => {
    const settings = limits.bySettings[model.name];
    return settings === undefined ? model : { ...model, settings };
  });
}

function told(id: number, wish: Wish): Told {
  return wish === 'usage' ? { id, usage: usage() } : { id, killed: threads.kill() };
}

function usage(): Usage {
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  const seen = { p99: delay.percentile(99) / 1e6, most: delay.max / 1e6 };
  delay.reset();
  return {
    heapMib: heapUsed / MIB,
    externalMib: external / MIB,
    resources,
    delay: seen,
    threads: threads.names,
    ended: threads.ended,
  };
}
