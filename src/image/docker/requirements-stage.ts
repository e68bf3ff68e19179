import { comment, execForm } from './words.ts';

/**
 * Wheels by their hashes, in a stage that stays behind with its cache and what pip was told: an index that wants to know who asks
 * comes as a secret (`--secret id=pip,src=pip.conf`). The pip is the base's, which serves another environment from 22.3 on, so that
 * the image has none.
 */
export function requirementsStage({ base, file }: { base: string; file: string }): string {
  const pip = `python3 -m pip --python ${VENV}/bin/python --cache-dir ${CACHE} install`;
  const install = `${pip} --require-hashes --only-binary=:all: --no-deps --no-compile -r ${LOCK}`;
  return `${comment(`Packages of ${file}, in an environment of their own.`)}
FROM ${base} AS requirements
# A base may have a user that cannot write there; of this stage nothing runs in the end.
# hadolint ignore=DL3002
USER 0:0
RUN ${execForm(`python3 -m venv --without-pip ${VENV}`.split(' '))}
RUN --mount=type=bind,source=${LOCK_SOURCE},target=${LOCK} \\
    --mount=type=cache,target=${CACHE} \\
    --mount=type=secret,id=pip,target=/etc/pip.conf \\
    ${execForm(install.split(' '))}`;
}

export const VENV = '/opt/venv';
/** In the context, whatever the user calls it. */
export const LOCK_SOURCE = 'requirements.lock';
const LOCK = '/tmp/requirements.lock';
const CACHE = '/var/cache/pip';
