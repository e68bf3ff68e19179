import { imageText } from '../image-name.ts';
import type { Recipe } from '../recipe.ts';
import type { TitledLayer } from './copied-layers.ts';
import { healthCheck } from './health-check.ts';
import { copy, copyFrom, labels, running, variables } from './instructions.ts';
import type { DockerOptions } from './options.ts';
import { requirementsStage, VENV } from './requirements-stage.ts';

/** The first line after the directive: by it a folder is known to be one of ours. */
export const FIRST_COMMENT = '# Written by `fairlead image dockerfile`';

/** The text of a Dockerfile: what it says of itself, a stage for each thing that is taken from elsewhere, and the image. */
export function dockerfileText(
  recipe: Recipe,
  layers: readonly TitledLayer[],
  options: DockerOptions,
): string {
  const stages = [
    ...nodeStage(options),
    ...pythonStage(recipe, options),
    finalStage(recipe, layers, options),
  ];
  return `${['# syntax=docker/dockerfile:1', heading(options), ...stages].join('\n\n')}\n`;
}

function heading(options: DockerOptions): string {
  const { tool, bases } = options;
  return `${FIRST_COMMENT} of ${tool.name} ${tool.version}: a change here is lost when it is written again.
# It makes what \`fairlead image build\` makes without Docker, on
# ${imageText(bases.base)}.
#
${command(options)}`;
}

/** With attestations, and with no time of this build in any layer. */
function command({ platforms, epoch, image }: DockerOptions): string {
  const name = image === undefined ? 'REGISTRY/REPOSITORY:TAG' : imageText(image);
  const lines = [
    'docker buildx build .',
    `--platform ${platforms.join(',')}`,
    `--build-arg SOURCE_DATE_EPOCH=${epoch}`,
    '--provenance mode=max --sbom true',
    `--output type=image,name=${name},push=true,rewrite-timestamp=true`,
  ];
  return lines.map((line, at) => `#   ${at === 0 ? '' : '  '}${line}`).join(' \\\n');
}

function nodeStage({ bases: { node } }: DockerOptions): string[] {
  return node === undefined
    ? []
    : [`# Node, of which only the program is taken.\nFROM ${imageText(node)} AS node`];
}

function pythonStage({ requirements }: Recipe, { bases }: DockerOptions): string[] {
  return requirements === undefined
    ? []
    : [requirementsStage({ base: imageText(bases.base), file: requirements.file })];
}

/** What changes most often is copied last. */
function finalStage(
  recipe: Recipe,
  layers: readonly TitledLayer[],
  { bases, health, annotations }: DockerOptions,
): string {
  const parts = [
    [`FROM ${imageText(bases.base)}`],
    ...(bases.node === undefined ? [] : [[copyFrom('node', '/usr/local/bin/node')]]),
    ...(recipe.requirements === undefined ? [] : [[copyFrom('requirements', `${VENV}/`)]]),
    ...layers.map(copy),
    labels(annotations ?? recipe.annotations),
    variables(recipe.run.env),
    [healthCheck(health), ...running(recipe.run)],
  ];
  return parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n');
}
