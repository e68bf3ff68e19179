/** One server's turn in a round: a fresh process on its core, checked and warmed up, then measured. */
import type { Server } from '../measure/children.ts';
import { cpuSeconds, residentBytes } from '../measure/usage.ts';
import { digitsExpected, type Expected } from './answers.ts';
import type { Contestant } from './contestant.ts';
import { SERVER_CORE } from './cores.ts';
import { type Ceiling, ceilingOf, load, loadUncounted, probe } from './load.ts';
import { cnn, digits, loadedRow, type Model } from './models.ts';
import type { Plan } from './plan.ts';
import type { HeavySample, MixedSample, Sample } from './samples.ts';
import { checkAnswers, start, targetOf } from './start.ts';
import type { Load } from './traffic.ts';
import type { LoadResult } from './wrk.ts';

/** Connections that the MLP is warmed up with. */
const USUAL = 32;
const HEAVY_WARM_UP_SECONDS = 2;
const CEILING_SECONDS = 3;
/** Requests at once for each model of a mixed server: what a service has that is not the bottleneck. */
const MIXED = { digits: 8, cnn: 4 } as const;

/** The digits MLP at each number of connections. */
export async function mlpTurn(contestant: Contestant, round: number, plan: Plan): Promise<Sample[]> {
  return served(contestant, [digits], async server => {
    const target = targetOf(contestant, server, digits);
    if (contestant.kind !== 'floor') await checkAnswers(target, digitsExpected());
    const run = contestant.kind === 'fairlead' ? load : loadUncounted;
    await run({ ...target, connections: USUAL, seconds: plan.warmUpSeconds });
    const samples: Sample[] = [];
    for (const connections of plan.connections)
      samples.push(await mlpSample(run, { ...target, connections, seconds: plan.seconds }, round));
    return samples;
  });
}

async function mlpSample(
  run: (wanted: Load) => Promise<LoadResult>,
  wanted: Load,
  round: number,
): Promise<Sample> {
  const { server, connections } = wanted;
  const before = cpuSeconds(server.pid);
  const result = await run(wanted);
  const cpuUs = ((cpuSeconds(server.pid) - before) / result.requests) * 1e6;
  return {
    server: server.name,
    round,
    connections,
    ...result,
    cpuUs,
    residentBytes: residentBytes(server.pid),
  };
}

/**
 * A heavier model at each number of connections, with a probe of the server's health beside the load. Before it and after
 * it, ONNX Runtime's own rate on the same core, since that of a shared machine changes from minute to minute.
 */
export async function heavyTurn(
  contestant: Contestant,
  model: Model,
  round: number,
  plan: Plan,
): Promise<HeavySample[]> {
  const before = await ceilingOf(model, CEILING_SECONDS);
  const samples = await served(contestant, [model], async server => {
    const target = targetOf(contestant, server, model);
    await checkAnswers(target, [expectedOf(model, before)]);
    const { connections: all, seconds } = plan.heavy;
    await loadUncounted({ ...target, connections: all[0] ?? 1, seconds: HEAVY_WARM_UP_SECONDS });
    const taken: Omit<HeavySample, 'ceiling'>[] = [];
    for (const connections of all) {
      const [result, live] = await Promise.all([
        loadUncounted({ ...target, connections, seconds }),
        probe(server, contestant.live, seconds),
      ]);
      taken.push({ server: server.name, model: model.name, round, connections, ...result, live });
    }
    return taken;
  });
  const after = await ceilingOf(model, CEILING_SECONDS);
  const ceiling = (before.runsPerSecond + after.runsPerSecond) / 2;
  return samples.map(sample => ({ ...sample, ceiling }));
}

/** What the CNN's load does to the MLP beside it. */
export async function mixedTurn(contestant: Contestant, round: number, plan: Plan): Promise<MixedSample[]> {
  const ceiling = await ceilingOf(cnn, 1);
  return served(contestant, [digits, cnn], async server => {
    const small = { ...targetOf(contestant, server, digits), connections: MIXED.digits };
    const large = { ...targetOf(contestant, server, cnn), connections: MIXED.cnn };
    await checkAnswers(small, digitsExpected().slice(0, 1));
    await checkAnswers(large, [expectedOf(cnn, ceiling)]);
    const { seconds } = plan.heavy;
    await loadUncounted({ ...small, seconds: plan.warmUpSeconds });
    const alone = await loadUncounted({ ...small, seconds });
    const [beside, image] = await Promise.all([
      loadUncounted({ ...small, seconds }),
      loadUncounted({ ...large, seconds }),
    ]);
    return [{ server: server.name, round, alone, beside, cnn: image }];
  });
}

function expectedOf(model: Model, { answer }: Ceiling): Expected {
  return { row: loadedRow(model), answer };
}

async function served<T>(
  contestant: Contestant,
  models: readonly Model[],
  measure: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await start(contestant, models, SERVER_CORE);
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}
