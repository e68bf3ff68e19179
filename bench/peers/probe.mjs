// A small client that asks a path every 20 ms, whether or not the answers before have come, and says how long each took
// from when it was due.
//
//   node probe.mjs URL SECONDS      prints {"asked":…,"failed":…,"p50Ms":…,"p99Ms":…,"maxMs":…}
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 20;
const DEADLINE_MS = 10_000;

const [url, seconds] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const count = Math.round((Number(seconds) * 1000) / EVERY_MS);

/** Milliseconds from `due` to the end of the answer; the deadline when there is no good one. */
function ask(due) {
  return new Promise(resolve => {
    const request = get(url, { agent, signal: AbortSignal.timeout(DEADLINE_MS) }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? performance.now() - due : undefined));
    });
    request.on('error', () => resolve(undefined));
  });
}

await ask(performance.now()); // Opens the first connection; not counted.
const begin = performance.now();
const answers = [];
for (let index = 0; index < count; index++) {
  const due = begin + index * EVERY_MS;
  await pause(Math.max(0, due - performance.now()));
  answers.push(ask(due));
}
const taken = await Promise.all(answers);
const failed = taken.filter(each => each === undefined).length;
const sorted = taken.map(each => each ?? DEADLINE_MS).toSorted((a, b) => a - b);
const at = share => sorted[Math.floor(share * (sorted.length - 1))];
process.stdout.write(
  `${JSON.stringify({ asked: count, failed, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) })}\n`,
);
