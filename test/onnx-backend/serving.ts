/** One server in this process with all the models of a batch that it takes. */
import { AppError, type Logger, systemClock } from '#base';
import { ModelServer, type ModelToServe, onnxRuntime, type ServerConfig, usualSettings } from '#server';
import type { Place } from './forms.ts';

const config: Omit<ServerConfig, 'models'> = {
  host: '127.0.0.1',
  port: 0,
  grpcPort: 0,
  settings: usualSettings,
  maxBody: 64 * 1024 * 1024,
  maxInFlight: 64,
  requestTimeMs: 20_000,
  drainDelayMs: 0,
  graceMs: 1000,
};

const silent: Logger = { enabled: () => false, log: () => {} };

function serverOf(models: readonly ModelToServe[]): ModelServer {
  return new ModelServer(
    { ...config, models },
    {
      clock: systemClock,
      logger: silent,
      runtime: onnxRuntime,
      idPrefix: 'test',
      identity: { name: 'fairlead', version: '0' },
      sleep: async () => {},
    },
  );
}

/** Why a server refuses a model at load; undefined when it serves it. */
export async function refusalOf(model: ModelToServe): Promise<AppError | undefined> {
  const server = serverOf([model]);
  try {
    await server.load();
    return undefined;
  } catch (error: unknown) {
    if (error instanceof AppError) return error;
    throw error;
  } finally {
    await server.close();
  }
}

export interface Serving extends Place {
  readonly close: () => Promise<void>;
}

/** Serves models, none of which may be refused. The caller closes it. */
export async function serveAll(models: readonly ModelToServe[]): Promise<Serving> {
  const server = serverOf(models);
  try {
    const { http, grpc } = await server.listen();
    await server.load();
    return { http, grpc: String(grpc).replace('grpc://', ''), close: () => server.close() };
  } catch (error: unknown) {
    await server.close();
    throw error;
  }
}
