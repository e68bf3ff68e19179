/**
 * What `tensorflow_model_server` is to whoever starts it, for tests: its flags and no others, its REST paths, and its way of
 * finding versions. It runs no model: an answer is the version that gave it. The real one is on no package index.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** Of its `--help`: those of a launch, and two more. */
const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    port: text,
    rest_api_port: text,
    rest_api_timeout_in_ms: text,
    model_name: text,
    model_base_path: text,
    model_config_file: text,
    file_system_poll_wait_seconds: text,
    monitoring_config_file: text,
    enable_batching: text,
    batching_parameters_file: text,
    enable_model_warmup: text,
    tensorflow_session_parallelism: text,
  },
});

const listed = values.model_config_file && readFileSync(values.model_config_file, 'utf8');
const names = listed ? all(listed, /name: "(.*)"/g) : [values.model_name ?? 'default'];
const bases = listed ? all(listed, /base_path: "(.*)"/g) : [values.model_base_path ?? ''];
const models = new Map(names.map((name, at) => [name, versionsIn(bases[at] ?? '')]));

const monitoring = values.monitoring_config_file && readFileSync(values.monitoring_config_file, 'utf8');
const metricsPath = /enable: true path: "(.*)"/.exec(monitoring || '')?.[1];
let asked = 0;

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '', 'http://x');
  request.resume();
  if (pathname === metricsPath)
    return response.end(
      `# TYPE :tensorflow:serving:request_count counter\n:tensorflow:serving:request_count{model_name="${names[0]}",status="OK"} ${asked}\n`,
    );
  const [, name = '', version, verb] =
    /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+))?(?::(predict))?$/.exec(pathname) ?? [];
  const versions = models.get(name)?.filter(one => version === undefined || one === version) ?? [];
  if (versions.length === 0)
    return response.writeHead(404).end(JSON.stringify({ error: `Servable not found: ${name}` }));
  if (verb === undefined)
    return response.end(
      JSON.stringify({ model_version_status: versions.map(one => ({ version: one, state: 'AVAILABLE' })) }),
    );
  asked += 1;
  return response.end(JSON.stringify({ predictions: [Number(versions.at(-1))] }));
}).listen(Number(values.rest_api_port), '127.0.0.1');

// Its gRPC port; it speaks nothing here.
createSocket().listen(Number(values.port), '127.0.0.1');

function all(from: string, pattern: RegExp): string[] {
  return [...from.matchAll(pattern)].map(([, found = '']) => found);
}

/** The latest, unless a list says all. */
function versionsIn(base: string): string[] {
  const there = readdirSync(base).filter(name => existsSync(join(base, name, 'saved_model.pb')));
  const sorted = there.toSorted((a, b) => Number(a) - Number(b));
  if (sorted.length === 0) throw new Error(`No versions of servable found under base path ${base}`);
  return listed ? sorted : sorted.slice(-1);
}
