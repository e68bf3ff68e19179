// Asks a server for its health every two milliseconds until it is told to end; then says how long the slowest answer took.
import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const state = { ended: false };
let worst = 0;

parentPort?.once('message', () => (state.ended = true));

while (!state.ended) {
  const since = performance.now();
  await new Promise((resolve, reject) => {
    get(`${workerData}/health/live`, { agent }, response => response.resume().once('end', resolve)).once(
      'error',
      reject,
    );
  });
  worst = Math.max(worst, performance.now() - since);
  await setTimeout(2);
}
agent.destroy();
parentPort?.postMessage(worst, []);
