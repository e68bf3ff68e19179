/** What Istio's API takes, and means something else by. */
import { milliseconds } from '#spec';
import type { Refused } from '../refused.ts';
import type { Release } from '../release.ts';
import { trialOf } from './rules.ts';

/** Names that Istio reads as something else, and then matches every request. */
const RESERVED = ['uri', 'scheme', 'method', 'authority'];

export function istioRefusals(release: Release): Refused[] {
  const { istio, sticky } = release.arms[0].service.spec.traffic ?? {};
  const outer = istio?.gateways?.filter(name => name !== 'mesh') ?? [];
  const { match = [] } = trialOf(release) ?? {};
  const reserved = match.flatMap(({ header }, at) =>
    header !== undefined && RESERVED.includes(header.name.toLowerCase())
      ? [
          {
            path: `spec.candidate.match[${at}].header.name`,
            problem: `is no header to Istio, which would match every request: ${header.name}`,
          },
        ]
      : [],
  );
  return [
    ...reserved,
    ...(outer.length > 0 && istio?.hosts === undefined
      ? [
          {
            path: 'spec.traffic.istio.hosts',
            problem: `is missing: clients reach ${outer[0]} by other names`,
          },
        ]
      : []),
    ...(sticky !== undefined && milliseconds(sticky.maxAge) < 1000
      ? [{ path: 'spec.traffic.sticky.maxAge', problem: 'must be at least 1s: cookies count whole seconds' }]
      : []),
  ];
}
