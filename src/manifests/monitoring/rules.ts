/** Alerts of a service, as a file of Prometheus and as an object of its operator. */
import { foreignKind } from '#spec';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';
import type { Alert } from './alert.ts';
import { customAlerts, gatewayAlerts, servingAlerts, tritonAlerts } from './foreign-alerts.ts';
import { ownAlerts } from './own-alerts.ts';

/** Whose metrics a service has. */
export type Kind = 'own' | 'triton' | 'tensorflowServing' | 'custom';

/** Of its revisions: the candidate's file may say another. */
export function kindsOf({ arms }: Release): Kind[] {
  return [...new Set(arms.map(kindOf))];
}

function kindOf({ service }: PodArm): Kind {
  return foreignKind(service.spec.runtime) ?? 'own';
}

const alertsOf: Readonly<Record<Kind, (release: Release) => Alert[]>> = {
  own: ownAlerts,
  triton: tritonAlerts,
  tensorflowServing: servingAlerts,
  custom: customAlerts,
};

/** A file of rules as Prometheus reads it, and `promtool check rules` checks it. */
export interface RulesFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[];
}

export function alertRulesOf(release: Release): RulesFile {
  const groups = kindsOf(release).map(kind => groupOf(release, kind, alertsOf[kind](ofKind(release, kind))));
  const isBehind = routerOf(release) === 'builtin';
  return { groups: isBehind ? [...groups, groupOf(release, 'gateway', gatewayAlerts(release))] : groups };
}

/** What one kind's alerts are made from: revisions of another have other metrics. */
function ofKind(release: Release, kind: Kind): Release {
  const [first, ...others] = release.arms.filter(arm => kindOf(arm) === kind);
  return first === undefined ? release : { ...release, arms: [first, ...others] };
}

function groupOf(release: Release, part: string, alerts: readonly Alert[]) {
  const rules = alerts.map(({ name, expr, minutes, severity, summary, description }) => ({
    alert: name,
    expr,
    ...(minutes > 0 && { for: `${minutes}m` }),
    labels: { severity, service: release.name },
    annotations: { summary, description },
  }));
  return { name: `${release.name}-${part}`, rules };
}
