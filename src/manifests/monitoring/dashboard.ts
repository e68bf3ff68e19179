/** A dashboard of Grafana, as its JSON has it (schema version 39, Grafana 10.3 and later). */
import { createHash } from 'node:crypto';
import type { Release } from '../release.ts';
import { routerOf } from '../router.ts';
import type { Panel } from './panel.ts';
import { customPanels, gatewayPanels, ownPanels, servingPanels, tritonPanels } from './panels.ts';
import { type Kind, kindsOf } from './rules.ts';

const panelsOf: Readonly<Record<Kind, (release: Release) => Panel[]>> = {
  own: ownPanels,
  triton: tritonPanels,
  tensorflowServing: servingPanels,
  custom: customPanels,
};

export function dashboardOf(release: Release): object {
  const servers = kindsOf(release).flatMap(kind => panelsOf[kind](release));
  const all = routerOf(release) === 'builtin' ? [...servers, ...gatewayPanels(release)] : servers;
  return {
    uid: uidOf(release),
    title: titleOf(release),
    tags: ['fairlead'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }],
    },
    panels: all.map(panelAt),
  };
}

/** At most 40 characters; the same service has another one in another namespace. */
function uidOf(release: Release): string {
  return `fairlead-${createHash('sha256').update(titleOf(release)).digest('hex').slice(0, 16)}`;
}

function titleOf({ name, namespace }: Release): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Of 24 columns. */
const [WIDTH, HEIGHT] = [12, 8];

/** What lines are called by. */
const REFERENCES = 'ABCDEFGH';

function panelAt({ title, unit, lines }: Panel, at: number): object {
  return {
    id: at + 1,
    type: 'timeseries',
    title,
    datasource: { type: 'prometheus', uid: '$datasource' },
    gridPos: { x: (at % 2) * WIDTH, y: Math.floor(at / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: lines.map(({ expr, legend }, index) => ({
      refId: REFERENCES[index],
      expr,
      legendFormat: legend,
    })),
  };
}
