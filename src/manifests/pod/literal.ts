/**
 * Kubernetes replaces `$(NAME)` in commands, arguments and variables, and reads `$$` as one dollar sign. The launch has filled in what
 * the file means to be filled in, so all else is to arrive as it stands.
 */
export function literal(text: string): string {
  return text.replaceAll(/\$(?=[$(])/g, () => '$$');
}
