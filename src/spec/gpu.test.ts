import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { gigabytesOf, memoryOfProduct, USABLE } from './gpu-cards.ts';
import { memoryBytes } from './launch-terms.ts';
import { parse } from './parse.ts';

const GIB = 1024 ** 3;
const A100 = 'NVIDIA-A100-SXM4-40GB';

function problemsOf(resources: object): string[] {
  const spec = { model: { uri: './m.onnx' }, resources };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
  return parsed.ok ? [] : parsed.error.map(({ path, problem }) => `${path} ${problem}`);
}

const ofGpu = (gpu: object): string[] => problemsOf({ gpu });

const accepted: readonly (readonly [title: string, gpu: object])[] = [
  ['whole cards', { count: 2 }],
  ['whole cards of a product, with room', { count: 1, product: A100, memory: '36Gi' }],
  ['whole cards of a memory that is said', { count: 1, memory: '20Gi', cardMemory: '24Gi' }],
  ['time slices', { share: { timeSlicing: { replicas: 4 } } }],
  ['time slices that fit', { share: { timeSlicing: { replicas: 4 } }, product: A100, memory: '9Gi' }],
  ['MPS that fits', { share: { mps: { replicas: 2 } }, product: 'Tesla-T4', memory: '6912Mi' }],
  [
    'less than the product has',
    { share: { mps: { replicas: 2 } }, product: A100, cardMemory: '36Gi', memory: '10Gi' },
  ],
  ['parts by their own name', { share: { mig: { profile: '1g.10gb+me' } } }],
  [
    'parts by the name of the card',
    { share: { mig: { profile: '1g.5gb', strategy: 'single' } }, product: A100 },
  ],
  ['a part with room', { share: { mig: { profile: '1g.10gb' } }, memory: '9Gi' }],
  ['the whole card as a part', { share: { mig: { profile: '7g.141gb' } }, product: 'NVIDIA-H200' }],
  ['a claim', { claim: {} }],
  ['a claim of memory and product', { claim: { shared: true }, memory: '20Gi', product: A100 }],
  ['a claim of another class', { claim: { class: 'gpu.example.com', selector: 'true' } }],
];

for (const [title, gpu] of accepted) {
  test(`a GPU may be ${title}`, () => {
    assert.deepEqual(ofGpu(gpu), []);
  });
}

const refused: readonly (readonly [title: string, gpu: object, problem: string])[] = [
  [
    'time slices with more memory than the card',
    { share: { timeSlicing: { replicas: 4 } }, product: A100, memory: '12Gi' },
    "memory must be at most 9Gi: 90 % of a card's 40Gi for 4 pods",
  ],
  [
    'shares of MPS with more than each has',
    { share: { mps: { replicas: 2 } }, cardMemory: '16Gi', memory: '8Gi' },
    "memory must be at most 7.2Gi: 90 % of a card's 16Gi for 2 pods",
  ],
  [
    'a whole card with more than it has',
    { count: 1, product: 'Tesla-T4', memory: '15Gi' },
    "memory must be at most 13.5Gi: 90 % of a card's 15Gi",
  ],
  [
    'a part with more than it has',
    { share: { mig: { profile: '1g.10gb' } }, memory: '10Gi' },
    'memory must be at most 9Gi: 90 % of what 1g.10gb has',
  ],
  [
    'more clients of MPS than an old card has',
    { share: { mps: { replicas: 17 } }, product: 'Tesla-V100-SXM2-16GB' },
    'share.mps.replicas must be at most 16 on Tesla-V100-SXM2-16GB, as the control daemon of MPS has it',
  ],
  [
    'a part of more than the card has',
    { share: { mig: { profile: '7g.80gb' } }, product: A100 },
    `share.mig.profile is more than ${A100} has, which is 40Gi`,
  ],
  [
    'memory of a card that nobody knows',
    { share: { timeSlicing: { replicas: 2 } }, product: 'NVIDIA-NEW', memory: '1Gi' },
    'cardMemory is missing: product does not tell what a card has, so that memory could not be checked',
  ],
  [
    'memory of any card',
    { count: 1, memory: '1Gi' },
    'cardMemory is missing: product does not tell what a card has, so that memory could not be checked',
  ],
  [
    "a card's memory for nothing",
    { share: { timeSlicing: { replicas: 2 } }, cardMemory: '40Gi' },
    'cardMemory has no effect without memory',
  ],
  [
    "a card's memory beside a profile",
    { share: { mig: { profile: '1g.10gb' } }, cardMemory: '40Gi', memory: '1Gi' },
    'cardMemory has no effect beside share.mig, whose profile says it',
  ],
  [
    "a card's memory beside a claim",
    { claim: {}, cardMemory: '40Gi', memory: '1Gi' },
    'cardMemory has no effect on a claim, whose device is chosen by memory',
  ],
  [
    'more memory than the product has',
    { share: { timeSlicing: { replicas: 2 } }, product: 'NVIDIA-L40S', cardMemory: '48Gi', memory: '1Gi' },
    'cardMemory is more than NVIDIA-L40S has, which is 44.9Gi',
  ],
  [
    'parts that nothing tells from whole cards',
    { share: { mig: { profile: '1g.10gb', strategy: 'single' } } },
    'product is missing: with strategy single, only its label tells a part from a whole card',
  ],
  [
    'a product that is too long for a part',
    { share: { mig: { profile: '1g.10gb' } }, product: 'X'.repeat(60) },
    'product is too long for a label with -MIG-1g.10gb behind it',
  ],
  [
    'the memory of a device that others describe',
    { claim: { class: 'gpu.example.com' }, memory: '1Gi' },
    'memory has no effect on a device of gpu.example.com, which may be described in other words: say it in claim.selector',
  ],
  [
    'the product of a device that others describe',
    { claim: { class: 'gpu.example.com' }, product: A100 },
    'product has no effect on a device of gpu.example.com, which may be described in other words: say it in claim.selector',
  ],
];

for (const [title, gpu, problem] of refused) {
  test(`a GPU is refused that is ${title}`, () => {
    assert.deepEqual(ofGpu(gpu), [`spec.resources.gpu.${problem}`]);
  });
}

test('a product is the name of the card alone', () => {
  for (const product of [`${A100}-SHARED`, `${A100}-MIG-1g.5gb`]) {
    const [problem = '', ...others] = ofGpu({ count: 1, product });
    assert.match(problem, /^spec\.resources\.gpu\.product must be the name of the card alone/);
    assert.deepEqual(others, []);
  }
});

test('a limit of cores is no less than what is set aside', () => {
  assert.deepEqual(problemsOf({ cpu: '500m', cpuLimit: 0.5 }), []);
  const [problem = ''] = problemsOf({ cpuLimit: '100m' });
  assert.match(problem, /^spec\.resources\.cpuLimit must be at least cpu/);
});

test('what pods may have of a card between them is never more than its usable part', () => {
  const shares = fc.record({
    kind: fc.constantFrom('timeSlicing', 'mps'),
    replicas: fc.integer({ min: 2, max: 48 }),
    memory: fc.integer({ min: 1, max: 64 }),
    card: fc.integer({ min: 1, max: 200 }),
  });
  let refusals = 0;
  fc.assert(
    fc.property(shares, ({ kind, replicas, memory, card }) => {
      const gpu = { share: { [kind]: { replicas } }, memory: `${memory}Gi`, cardMemory: `${card}Gi` };
      const isRefused = ofGpu(gpu).length > 0;
      refusals += isRefused ? 1 : 0;
      assert.equal(isRefused, memory * replicas > USABLE * card);
    }),
  );
  assert.ok(refusals > 0);
});

test('the most that a refusal names is accepted', () => {
  const gpu = { share: { timeSlicing: { replicas: 7 } }, product: A100 };
  const [problem = ''] = ofGpu({ ...gpu, memory: '40Gi' });
  const most = /at most ([\d.]+)Gi/.exec(problem)?.[1];
  const memory = `${Math.floor(Number(most) * 1024)}Mi`;
  assert.deepEqual(ofGpu({ ...gpu, memory }), []);
});

const cards: readonly (readonly [product: string, gib: number | undefined])[] = [
  ['NVIDIA-A100-SXM4-40GB', 40],
  ['NVIDIA-H100-80GB-HBM3', 80],
  ['Tesla-V100-SXM2-16GB', 16],
  ['Tesla-T4', 15],
  ['NVIDIA-GH200-480GB', undefined],
  ['NVIDIA-H100-NVL', undefined],
  ['', undefined],
];

for (const [product, gib] of cards) {
  test(`the memory of '${product}' is ${gib === undefined ? 'not known' : `${gib}Gi`}`, () => {
    assert.equal(memoryOfProduct(product), gib && gib * GIB);
  });
}

test('a profile tells its gigabytes', () => {
  assert.equal(gigabytesOf('1g.10gb+me'), 10);
  assert.equal(memoryBytes('10Gi'), 10 * GIB);
});
