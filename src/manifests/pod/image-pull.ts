/**
 * When a node asks the registry for an image that it has. A digest never means another one; what `latest` means changes, though
 * Kubernetes sees that by itself only where no policy is said.
 */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' | undefined {
  if (image.includes('@sha256:')) return 'IfNotPresent';
  const [, tag] = /:([^:/]+)$/.exec(image) ?? [];
  return tag === undefined || tag === 'latest' ? 'Always' : undefined;
}
