/** Servers that only say which revision they are, and how much they were asked: what a route did is then plain to see. */
import { selectorOf } from '../../src/manifests/names.ts';
import type { PodArm, Release } from '../../src/manifests/release.ts';

/** HTTP says its name, and `/seen` how many requests there were; gRPC says it as a header, to every method. */
const SCRIPT = `
const name = process.env.REVISION;
let seen = 0;
require('node:http').createServer((asked, answer) => {
  if (asked.url === '/health') return answer.end();
  if (asked.url === '/seen') return answer.end(String(seen));
  seen += 1;
  setTimeout(() => answer.end(name), asked.url === '/slow' ? 5000 : 0);
}).listen(8501);
require('node:http2').createServer().on('stream', stream => {
  seen += 1;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', revision: name }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.resume().end(Buffer.alloc(5));
}).listen(8500);
`;

/** A Deployment and the Service of its revision, with the labels and ports that fairlead gives both. */
export function echo(release: Release, arm: PodArm, image: string): object[] {
  const { name } = arm.deployed.revision;
  const labels = selectorOf(release, arm);
  const { namespace } = release;
  const metadata = { name, labels, ...(namespace !== undefined && { namespace }) };
  const selector = { matchLabels: labels };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 1, selector, template: { metadata: { labels }, spec: pod(image, name) } },
  };
  const ports = [
    { name: 'http', port: 80, targetPort: 'http', appProtocol: 'http' },
    { name: 'grpc', port: 8500, targetPort: 'grpc', appProtocol: 'kubernetes.io/h2c' },
  ];
  return [deployment, { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports } }];
}

function pod(image: string, revision: string): object {
  const container = {
    name: 'server',
    image,
    command: ['node', '-e', SCRIPT],
    env: [{ name: 'REVISION', value: revision }],
    ports: [
      { name: 'http', containerPort: 8501 },
      { name: 'grpc', containerPort: 8500 },
    ],
    readinessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 1 },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return {
    containers: [container],
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext,
  };
}
