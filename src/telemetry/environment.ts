/** The variables that OpenTelemetry's own libraries read. They hold where a file or a flag says nothing. */
import { percentDecoded } from '#base';
import type { TracingSettings } from './settings.ts';

/** What the file or the flags say. */
export interface TracingTold {
  readonly endpoint?: string | undefined;
  readonly sample?: number | undefined;
  /** What a process is unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES call it otherwise. */
  readonly resource: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of traces that nobody said anything of. */
const USUAL_SAMPLE = 0.01;

/** How traces are chosen, where there is an endpoint; undefined where nothing is to be traced. */
export function tracingSettings(told: TracingTold, env: Environment): TracingSettings | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const endpoint = told.endpoint ?? endpointIn(env);
  if (endpoint === undefined) return undefined;
  const { sample, parentBased } = samplerIn(env);
  return {
    endpoint,
    sample: told.sample ?? sample,
    parentBased: told.sample !== undefined || parentBased,
    resource: resourceIn(env, told.resource),
  };
}

/** The variable that has an endpoint to which nothing can be sent by HTTP, if one has. */
export function unusableEndpoint(env: Environment): string | undefined {
  const { variable, endpoint } = endpointVariable(env) ?? {};
  return endpoint !== undefined && !isUsable(endpoint) ? variable : undefined;
}

function endpointIn(env: Environment): string | undefined {
  const { endpoint } = endpointVariable(env) ?? {};
  return endpoint !== undefined && isUsable(endpoint) ? endpoint : undefined;
}

function endpointVariable(env: Environment): { variable: string; endpoint: string } | undefined {
  if (env['OTEL_TRACES_EXPORTER'] === 'none') return undefined;
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (own) return { variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', endpoint: own };
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!base) return undefined;
  return { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', endpoint: `${base.replace(/\/$/, '')}/v1/traces` };
}

function isUsable(endpoint: string): boolean {
  return /^https?:\/\//i.test(endpoint) && URL.canParse(endpoint);
}

function samplerIn(env: Environment): Pick<TracingSettings, 'sample' | 'parentBased'> {
  const name = env['OTEL_TRACES_SAMPLER']?.toLowerCase() ?? '';
  const parentBased = !['always_on', 'always_off', 'traceidratio'].includes(name);
  if (name.endsWith('always_on')) return { sample: 1, parentBased };
  if (name.endsWith('always_off')) return { sample: 0, parentBased };
  const argument = env['OTEL_TRACES_SAMPLER_ARG'];
  const ratio = argument === undefined || argument.trim() === '' ? Number.NaN : Number(argument);
  return { sample: ratio >= 0 && ratio <= 1 ? ratio : USUAL_SAMPLE, parentBased };
}

function resourceIn(env: Environment, told: TracingTold['resource']): TracingSettings['resource'] {
  const name = env['OTEL_SERVICE_NAME'];
  return {
    ...told,
    ...keyValues(env['OTEL_RESOURCE_ATTRIBUTES']),
    ...(name !== undefined && name !== '' && { 'service.name': name }),
  };
}

/** `key=value,key=value`, with % escapes, as W3C Baggage has them. What is malformed is left out. */
export function keyValues(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap(pair => {
    const at = pair.indexOf('=');
    const [key, value] = [pair.slice(0, at).trim(), percentDecoded(pair.slice(at + 1).trim())];
    return at > 0 && key !== '' && value !== undefined ? [[key, value] as const] : [];
  });
  return Object.fromEntries(pairs);
}
