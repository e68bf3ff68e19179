import assert from 'node:assert/strict';
import test from 'node:test';
import { failure } from '#base';
import type { Terms } from './batching/port.ts';
import { modelMetrics } from './metrics/model-metrics.ts';
import { Registry } from './metrics/registry.ts';
import type { CallerFacts } from './observing/observation.ts';
import { type Caller, Prediction } from './prediction.ts';
import { Roster } from './roster.ts';

const identity = { name: 'm', version: '1' };
const times = { queueMs: 0, inputMs: 0, inferMs: 0, outputMs: 0, rows: 1 };

/** A caller that is done with its answer as soon as it has it, as those of gRPC are. */
class Eager implements Caller<string> {
  readonly since = 0;
  readonly client = undefined;
  readonly heard: string[] = [];
  readonly #closers: (() => void)[] = [];

  seconds(): number {
    return 0;
  }

  terms(): Terms {
    return { since: 0 };
  }

  header(): undefined {}

  facts(): CallerFacts {
    return { kind: 'http', path: '/', requestId: '', status: undefined, received: 0, sent: 0 };
  }

  onClose(callback: () => void): void {
    this.#closers.push(callback);
  }

  answer(reply: string): void {
    this.heard.push(reply);
    this.close();
  }

  fail({ code }: { readonly code: string }): void {
    this.heard.push(code);
    this.close();
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }
}

const outcomes: readonly {
  name: string;
  act: (prediction: Prediction<string>, caller: Eager) => void;
  counted: string;
  heard: string[];
}[] = [
  {
    name: 'an answer',
    act: prediction => prediction.succeed('yes', times),
    counted: 'success',
    heard: ['yes'],
  },
  {
    name: 'a refusal',
    act: prediction => prediction.fail(failure('draining', {})),
    counted: 'rejected',
    heard: ['draining'],
  },
  {
    name: 'a client that left',
    act: (_, caller) => caller.close(),
    counted: 'client_error',
    heard: ['client_gone'],
  },
  {
    name: 'an answer after a refusal',
    act: prediction => {
      prediction.fail(failure('draining', {}));
      prediction.succeed('late', times);
    },
    counted: 'rejected',
    heard: ['draining'],
  },
];
for (const { name, act, counted, heard } of outcomes) {
  test(`${name} counts once, and nothing else does`, () => {
    const registry = new Registry();
    const roster = new Roster<Prediction<never>>();
    const caller = new Eager();
    const metrics = modelMetrics(registry, identity);
    const prediction = new Prediction(caller, {
      identity,
      model: undefined,
      metrics,
      roster,
      seen: undefined,
    });
    prediction.begin();
    act(prediction, caller);
    const counts = [...registry.text().matchAll(/^prediction_requests_total\{.*status="(\w+)".*\} (\d+)/gm)];
    assert.deepEqual(
      counts.filter(([, , count]) => count !== '0').map(([, status, count]) => [status, count]),
      [[counted, '1']],
    );
    assert.match(registry.text(), /^predictions_in_flight\{.*\} 0$/m);
    assert.deepEqual(caller.heard, heard);
    assert.deepEqual(roster.all(), []);
  });
}
