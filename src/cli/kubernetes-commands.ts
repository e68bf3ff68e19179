/** The verbs that write objects of Kubernetes, and those that put them on a cluster. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ApplyFlags, DeleteFlags } from './verbs/apply.ts';
import type { RenderFlags } from './verbs/render.ts';

const percent = (text: string): number => {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 100) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 100.');
};

const namespace = () => new Option('-n, --namespace <name>', 'the namespace that objects are in');

/** What decides the objects of a service, whatever becomes of them. */
function released(verb: Command): Command {
  return verb
    .addOption(namespace())
    .addOption(new Option('--image <name>', 'the image that pods run; by its digest at best'))
    .addOption(new Option('--candidate <file>', 'another file of the service: its revision is the candidate'))
    .addOption(new Option('--candidate-image <name>', "the image that the candidate's pods run"))
    .addOption(
      new Option('--weight <percent>', 'requests for the candidate, whatever the file says').argParser(
        percent,
      ),
    );
}

/** Which cluster, as kubectl has it. */
function reached(verb: Command): Command {
  return verb
    .addOption(
      new Option(
        '--kubeconfig <file>',
        'how the cluster is reached (default: KUBECONFIG, ~/.kube/config, or a pod)',
      ),
    )
    .addOption(new Option('--context <name>', 'of the kubeconfig (default: its current one)'));
}

export function addKubernetesCommands(program: Command): void {
  addRender(program);
  addApply(program);
  addDelete(program);
}

function addRender(program: Command): void {
  reached(
    released(
      program
        .command('render')
        .description('print the Kubernetes objects of a service; no cluster is asked for that')
        .argument('<path...>', 'service files, or folders with a fairlead.yaml'),
    ),
  )
    .addOption(new Option('--kustomize <folder>', 'write a base and overlays of kustomize there'))
    .addOption(new Option('--helm <folder>', 'write a Helm chart there'))
    .addOption(
      new Option(
        '--diff [folder]',
        'what would change in a folder of objects, or on the cluster; 1 if anything',
      ),
    )
    .addOption(new Option('--monitoring', "with Prometheus' rules and a dashboard of Grafana"))
    .addOption(
      new Option('--gpu-admin', 'instead: what whoever runs the cluster sets up once, for GPUs to be shared'),
    )
    .addOption(new Option('-o, --output <format>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
    .addHelpText(
      'after',
      '\nExamples:\n  fairlead render examples/digits --image ghcr.io/acme/digits@sha256:… | kubectl apply -f -\n  fairlead render fairlead.yaml --candidate next.yaml --weight 10\n  fairlead render fairlead.yaml --helm chart\n  fairlead render fairlead.yaml --diff',
    )
    .action(async (paths: readonly [string, ...string[]], flags: RenderFlags) =>
      (await import('./verbs/render.ts')).render(paths, flags),
    );
}

function addApply(program: Command): void {
  reached(
    released(
      program
        .command('apply')
        .description(
          'put a service on a cluster: new pods first, then the traffic, then away with what is old',
        )
        .argument('<path>', 'a service file, or a folder with a fairlead.yaml'),
    ),
  )
    .addOption(new Option('--wait', 'until all of it is up; says why where it does not come up'))
    .addOption(
      new Option('--timeout <duration>', 'with --wait, at most (default: what pods may take to start)'),
    )
    .addOption(new Option('--dry-run', 'ask the cluster what it would say, and change nothing'))
    .addOption(new Option('--force-conflicts', 'take fields over that something else has set'))
    .addOption(new Option('--monitoring', "with Prometheus' rules and a dashboard of Grafana"))
    .addHelpText(
      'after',
      '\nExamples:\n  fairlead apply fairlead.yaml --image ghcr.io/acme/digits@sha256:… --wait\n  fairlead apply fairlead.yaml --candidate next.yaml --weight 10 -n models --wait',
    )
    .action(async (path: string, flags: ApplyFlags) => (await import('./verbs/apply.ts')).apply(path, flags));
}

function addDelete(program: Command): void {
  reached(
    program
      .command('delete')
      .description('remove from a cluster what apply put there, and nothing else')
      .argument('<service>', 'the name of a service, or its file'),
  )
    .addOption(namespace())
    .addOption(new Option('--wait', 'until all of it is gone'))
    .addHelpText('after', '\nExample:\n  fairlead delete digits -n models --wait')
    .action(async (service: string, flags: DeleteFlags) =>
      (await import('./verbs/apply.ts')).remove(service, flags),
    );
}
