/** `/openapi.json`: what this server answers to, for readers, generators and testers. */
import { failure } from '#base';
import type { Repository } from '../../models/repository.ts';
import {
  get,
  json,
  type Methods,
  type Models,
  type Protocol,
  plainError,
  type ServerIdentity,
} from '../port.ts';
import { document } from './document.ts';
import { jsonText } from './json.ts';

const PATH = '/openapi.json';

export interface OpenApiOptions {
  readonly identity: ServerIdentity;
  readonly repository: Repository;
}

/** The text is made once for each set of models. */
export function openApi({ identity, repository }: OpenApiOptions): Protocol {
  let made: { readonly generation: number; readonly text: string } | undefined;
  const textOf = (models: Models): string => {
    const { generation } = models;
    if (made?.generation !== generation) {
      const names = [...new Set(models.entries().map(entry => entry.identity.name))];
      const { controlled } = repository;
      const described = { identity, models: models.running(), names, labels: models.labels, controlled };
      made = { generation, text: jsonText(document(described)) };
    }
    return made.text;
  };
  const methods: Methods = get(models => json(200, textOf(models)));
  return {
    name: 'openapi',
    owns: path => path === PATH,
    route(path) {
      if (path !== PATH) throw failure('path_unknown', { path });
      return methods;
    },
    error: plainError,
  };
}
