/** What the fuzzer makes, against the models that are there for it. */
import type { Border } from '../../fuzz/border.ts';
import { modelNamed } from '../../fuzz/models.ts';
import { grpcBorder } from '../../fuzz/wire/grpc.ts';
import { h2Border } from '../../fuzz/wire/h2.ts';
import { httpBorder } from '../../fuzz/wire/http.ts';
import type { Place } from '../clients/place.ts';
import type { Kind } from '../kind.ts';
import { HOSTILE_MODELS } from '../models/layout.ts';

export function fuzzedKinds({ http, grpc }: Place): Kind[] {
  const models = HOSTILE_MODELS.map(modelNamed);
  const httpPort = Number(new URL(http).port);
  const grpcPort = Number(grpc.split(':').at(-1));
  const borders = [httpBorder(httpPort, models), h2Border(grpcPort, models), grpcBorder(grpcPort, models)];
  return borders.map(fuzzed);
}

function fuzzed(border: Border & { close?(): void }): Kind {
  return {
    name: `fuzzed ${border.name}`,
    family: 'hostile',
    rate: 8,
    most: 24,
    mustSee: [/./],
    async act(random) {
      const words = await border.take(border.make(random));
      // A gRPC method and its status, or what came back first; the rest quotes what was sent.
      return border.name === 'h2' ? (words.split(' ')[0] ?? '') : (words.split(' ').at(-1) ?? '');
    },
    ...(border.close !== undefined && { close: () => border.close?.() }),
  };
}
