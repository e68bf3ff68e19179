import assert from 'node:assert/strict';
import test from 'node:test';
import { refusalOf, type Status, statusIn } from './refusal.ts';

const cause = (message: string, field: string, reason = 'FieldValueInvalid') => ({ reason, message, field });

const cases: readonly { name: string; code: number; status: Status; error: string; says: RegExp | string }[] =
  [
    {
      name: 'an unknown caller',
      code: 401,
      status: { message: 'Unauthorized' },
      error: 'cluster_refused',
      says: 'Service a: the API server answers 401: Unauthorized',
    },
    {
      name: 'a caller without the right',
      code: 403,
      status: {
        message: 'services "a" is forbidden: User "me" cannot patch resource "services" in API group ""',
      },
      error: 'cluster_refused',
      says: /answers 403: services "a" is forbidden: User "me" cannot patch/,
    },
    {
      name: 'a quota, which is of the object',
      code: 403,
      status: { message: 'services "a" is forbidden: exceeded quota: q, used: services=3' },
      error: 'object_refused',
      says: /^Service a: .*exceeded quota: q/,
    },
    {
      name: 'a webhook, which is of the object',
      code: 403,
      status: { message: 'admission webhook "v.acme.io" denied the request: no owner label.' },
      error: 'object_refused',
      says: 'Service a: admission webhook "v.acme.io" denied the request: no owner label',
    },
    {
      name: 'a field with another type',
      code: 500,
      status: {
        message:
          'failed to create typed patch object (ns/a; /v1, Kind=Service): .spec.ports: expected list, got map',
      },
      error: 'object_refused',
      says: 'Service a, .spec.ports: expected list, got map',
    },
    {
      name: 'a value that may not be',
      code: 422,
      status: {
        message: 'Service "a" is invalid: [...]',
        details: { causes: [cause('Invalid value: 0', 'spec.ports[0].port')] },
      },
      error: 'object_refused',
      says: 'Service a, spec.ports[0].port: Invalid value: 0',
    },
    {
      name: 'a namespace that is not there',
      code: 404,
      status: { message: 'namespaces "team-a" not found' },
      error: 'object_refused',
      says: /make it first: kubectl create namespace team-a$/,
    },
    {
      name: 'a field of somebody else',
      code: 409,
      status: {
        message: 'Apply failed with 1 conflict',
        details: {
          causes: [
            cause(
              'conflict with "kubectl" with subresource "scale" using apps/v1',
              '.spec.replicas',
              'FieldManagerConflict',
            ),
          ],
        },
      },
      error: 'apply_conflict',
      says: 'Service a: .spec.replicas is set by kubectl',
    },
  ];

for (const { name, code, status, error, says } of cases)
  test(`the API server's no is understood: ${name}`, () => {
    const found = refusalOf('Service a', code, status);
    assert.equal(found.code, error);
    if (typeof says === 'string') assert.equal(found.message, says);
    else assert.match(found.message, says);
  });

test("a proxy's page is quoted in short", () => {
  const page = statusIn(`<html>\n<h1>Sign   in</h1>${'x'.repeat(5000)}`);
  assert.match(page.message ?? '', /^<html> <h1>Sign in/);
  assert.ok((page.message ?? '').length < 250);
});
