/** The repository as a description has it. */
import type { IndexEntry } from '../../models/repository.ts';
import type { JsonObject } from './json.ts';
import { json, operation, type Paths, segment } from './operation.ts';
import { text, v2Surface } from './v2-surface.ts';

/** The index, and loading and unloading where clients may. */
export function repositoryPaths(names: readonly string[]): Paths {
  const states: readonly IndexEntry['state'][] = ['READY', 'LOADING', 'UNLOADING', 'UNAVAILABLE'];
  const entry = {
    type: 'object',
    required: ['name'],
    properties: { name: text, version: text, state: { enum: states }, reason: text },
  };
  const body = { type: 'object', properties: { ready: { type: 'boolean' } } };
  return {
    '/v2/repository/index': {
      post: operation(v2Surface, {
        id: 'v2.repository.index',
        summary: 'Every model there is',
        body: { required: false, content: json(body, { ready: true }) },
        answer: json({ type: 'array', items: entry }),
        asking: 'reading',
      }),
    },
    ...Object.fromEntries(names.flatMap(name => [loadPath(name), unloadPath(name)])),
  };
}

function loadPath(name: string): readonly [string, JsonObject] {
  const body = { type: 'object', properties: { parameters: { type: 'object', maxProperties: 0 } } };
  return [
    `/v2/repository/models/${segment(name)}/load`,
    {
      post: operation(v2Surface, {
        id: `v2.repository.${name}.load`,
        summary: `Load '${name}' from where it lies now; until that is done, what there was goes on`,
        body: { required: false, content: json(body) },
        asking: 'loading',
      }),
    },
  ];
}

function unloadPath(name: string): readonly [string, JsonObject] {
  const parameters = {
    type: 'object',
    properties: { unload_dependents: { type: 'boolean' } },
    additionalProperties: false,
  };
  return [
    `/v2/repository/models/${segment(name)}/unload`,
    {
      post: operation(v2Surface, {
        id: `v2.repository.${name}.unload`,
        summary: `Take '${name}' out of service`,
        body: { required: false, content: json({ type: 'object', properties: { parameters } }) },
        asking: 'loading',
      }),
    },
  ];
}
