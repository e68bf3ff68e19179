import http from 'node:http';
import https from 'node:https';
import type { SourceOptions } from '../../source.ts';
import { proxiesOf } from '../http/ways.ts';

/** Connections to a cloud, over either protocol, through the proxies that the environment names. */
export interface CloudAgents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

export function cloudAgents({ connections, environment }: SourceOptions): CloudAgents {
  const options = { keepAlive: true, maxSockets: connections, proxyEnv: proxiesOf(environment) };
  return { httpAgent: new http.Agent(options), httpsAgent: new https.Agent(options) };
}

export function dropConnections({ httpAgent, httpsAgent }: CloudAgents): void {
  httpAgent.destroy();
  httpsAgent.destroy();
}

/** What a listing or a refusal may have, in bytes: a page has at most 1000 keys, of 1 KiB, which XML may make six times as long. */
export const MOST_ANSWER = 8 * 1024 * 1024;
