/** A file server on loopback: nginx, which sends a file from the page cache by the kernel alone. Without one, Node's. */
import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { type Server, startServer } from '../../measure/children.ts';
import type { Artifact } from '../artifact.ts';
import { downloaders } from './downloaders.ts';
import type { Laid, Origin } from './origin.ts';

export async function fileServer(folder: string): Promise<Origin> {
  const found = NGINX.find(path => spawnSync(path, ['-v']).error === undefined);
  const server = found === undefined ? await node(folder) : await nginx(found, folder);
  const lay = async (artifact: Artifact, connections: number): Promise<Laid> => {
    const name = basename(artifact.path);
    symlinkSync(artifact.path, join(folder, name));
    const url = `${server.url}/${name}`;
    return {
      uri: url,
      env: {},
      peers: downloaders(url, artifact.size, connections),
      server: new URL(server.url),
      through: port => ({ uri: `http://127.0.0.1:${port}/${name}`, env: {} }),
      remove: async () => undefined,
    };
  };
  return { name: server.name, lay, stop: () => server.stop() };
}

const NGINX = ['nginx', '/usr/sbin/nginx'];

async function nginx(program: string, folder: string): Promise<Server> {
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port));
  const said = spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr;
  const name = /nginx\/\S+/.exec(said)?.[0] ?? basename(program);
  // Its first line stands for "it listens": nginx itself prints nothing.
  const script = `"$0" -p "$1" -c "$2" & until curl -s -o /dev/null "$3"; do sleep 0.05; done; echo "$3"; wait`;
  const url = `http://127.0.0.1:${port}`;
  const argv = ['sh', '-c', script, program, folder, file, url] as const;
  return startServer({ name, argv }, join(folder, 'nginx.log'), 10_000);
}

function configuration(folder: string, port: number): string {
  return `daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  sendfile_max_chunk 2m;
  tcp_nopush on;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
user root;
`;
}

async function node(folder: string): Promise<Server> {
  const argv = [process.execPath, join(import.meta.dirname, 'file-server.mjs'), folder] as const;
  const server = await startServer({ name: 'file server', argv }, join(folder, 'server.log'));
  return { ...server, name: `a file server of Node ${process.versions.node}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
