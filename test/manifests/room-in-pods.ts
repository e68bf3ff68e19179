/** What a file has to say for Kubernetes beside one of its fields, so that a release of it is not refused for want of that. */

type Rooms = readonly (readonly [fields: RegExp, part: object])[];

const unscraped = { spec: { kubernetes: { metrics: { none: {} } } } };
const secret = (name: string): object => ({ spec: { kubernetes: { secrets: { [name]: `a-${name}` } } } });

const rooms: Rooms = [
  // Whoever asks for metrics has to be let in.
  [/^spec\.server\.(?:auth|tls)\./, unscraped],
  [/^spec\.server\.auth\.predict\.keys\./, secret('predict')],
  [/^spec\.server\.auth\.admin\.keys\./, secret('admin')],
  [/^spec\.server\.tls\./, secret('tls')],
  [/^spec\.server\.tls\.clientAuthority$/, { spec: { server: { tls: { healthPort: 8600 } } } }],
  [/^spec\.kubernetes\.fairlead$/, { spec: { candidate: { model: { uri: './n' }, weight: 5 } } }],
  [/^spec\.capacity\.spot\./, { spec: { server: { drain: { grace: '5s' } } } }],
  [/^spec\.capacity\.spot\.floor$/, { spec: { replicas: 20 } }],
  [/^spec\.policy\.digest$/, { spec: { model: { digest: `sha256:${'1'.repeat(64)}` } } }],
];

/** A copy of a file with what goes with a field, its models coming from a place. */
export function roomInPods(field: string, file: object, where: string): { readonly spec: object } {
  const text = JSON.stringify(file).replaceAll('"./m"', JSON.stringify(where));
  const moved = JSON.parse(text) as { readonly spec: object };
  const parts = rooms.flatMap(([fields, part]) => (fields.test(field) ? [part] : []));
  return parts.reduce<typeof moved>((whole, part) => merged(whole, part), moved);
}

function merged<T>(whole: T, part: unknown): T {
  if (!isMap(whole) || !isMap(part)) return (whole ?? part) as T;
  const keys = new Set([...Object.keys(whole), ...Object.keys(part)]);
  return Object.fromEntries([...keys].map(key => [key, merged(whole[key], part[key])])) as T;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
