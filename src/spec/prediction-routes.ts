/** What predictions are called when they are told of: few names, whatever models there are. */

/** The paths of predictions, each with its name: as `http.route` has them. */
const PATHS: readonly (readonly [RegExp, (...captured: string[]) => string])[] = [
  [/^\/predict$/, () => '/predict'],
  [/^\/models\/[^/]+\/predict$/, () => '/models/{model}/predict'],
  [
    /^\/v2\/models\/[^/]+(\/versions\/[^/]+)?\/infer$/,
    version => `/v2/models/{model}${versions(version)}/infer`,
  ],
  [
    /^\/v1\/models\/[^/:]+(?:(\/versions\/)\d+|(\/labels\/)[^/:]+)?:(predict|classify|regress)$/i,
    (version, label, verb = '') =>
      `/v1/models/{model}${label ? '/labels/{label}' : versions(version)}:${verb.toLowerCase()}`,
  ],
];

function versions(version: string | undefined): string {
  return version ? '/versions/{version}' : '';
}

/** The name of a path that predicts; undefined for any other. The query is no part of it. */
export function predictionRoute(path: string): string | undefined {
  const bare = path.split('?', 1)[0] ?? path;
  for (const [pattern, name] of PATHS) {
    const found = pattern.exec(bare);
    if (found !== null) return name(...found.slice(1));
  }
  return undefined;
}

const METHODS =
  /^\/(inference\.GRPCInferenceService)\/(ModelInfer|ModelStreamInfer)$|^\/(tensorflow\.serving\.PredictionService)\/(Predict|Classify|Regress|MultiInference)$/;

/** The service and method of a call that predicts; undefined for any other. */
export function predictionMethod(path: string): { service: string; method: string } | undefined {
  const found = METHODS.exec(path);
  if (found === null) return undefined;
  const [, v2, infer, serving, predict] = found;
  return { service: v2 ?? serving ?? '', method: infer ?? predict ?? '' };
}
