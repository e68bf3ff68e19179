/** What `explain` tells of a service whose models another server runs: which it is, what it serves, and how it is started. */
import { type Arm, type ForeignKind, foreignKind, launch, type Place } from '#spec';
import { title } from './explanation.ts';
import { placeNotes } from './place-notes.ts';
import type { Loaded } from './service-file.ts';

const named: Readonly<Record<ForeignKind, string>> = {
  triton: 'Triton',
  tensorflowServing: 'TensorFlow Serving',
  custom: 'a server of your own',
};

/** Ports and folder are free ones in truth; these show where they go. */
const place: Place = {
  program: [],
  host: '127.0.0.1',
  port: 8501,
  grpcPort: 8500,
  metricsPort: 8502,
  folder: '/tmp/fairlead',
  behindGateway: true,
};

interface Told {
  readonly title: string;
  readonly runtime: string;
  readonly models: readonly { readonly name: string; readonly version: string; readonly path: string }[];
  /** Empty where there is an image alone. */
  readonly argv: readonly string[];
  readonly image?: string;
  readonly files: readonly string[];
  readonly ready: string;
}

function told({ role, revision, replicas, weight }: Arm): Told {
  const { argv, image, files, probes } = launch(revision, place);
  return {
    title: title(role, weight, replicas),
    runtime: named[foreignKind(revision.runtime) ?? 'custom'],
    models: revision.models.map(({ name, version, artifact }) => ({ name, version, path: artifact.path })),
    argv,
    ...(image !== undefined && { image }),
    files: files.map(file => ('link' in file ? `${file.name} -> ${file.link}` : file.name)),
    ready: probes.ready,
  };
}

export function foreignJson({ service, arms }: Loaded): string {
  const whole = { service: service.metadata.name, arms: arms.map(told), notes: placeNotes(service) };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

export function foreignText({ service, arms }: Loaded): string {
  const parts = arms.map(told).map(arm => {
    const lines = [
      `${service.metadata.name} ${arm.title}`,
      '',
      `  run by ${arm.runtime}`,
      ...arm.models.map(({ name, version, path }) => `  ${name} version ${version}: ${path}`),
      `  ready when ${arm.ready} answers 200`,
      ...(arm.image === undefined ? [] : [`  on Kubernetes the image ${arm.image}`]),
      ...(arm.argv.length === 0 ? [] : ['  started as', ...arm.argv.map(argument => `    ${argument}`)]),
      ...(arm.files.length === 0 ? [] : [`  in ${place.folder}`, ...arm.files.map(file => `    ${file}`)]),
    ];
    return `${lines.join('\n')}\n`;
  });
  const notes = placeNotes(service).map(note => `! ${note}\n`);
  return `${[...parts, ...(notes.length > 0 ? [notes.join('')] : [])].join('\n')}\nPorts and the folder are chosen when a server starts.\n`;
}
