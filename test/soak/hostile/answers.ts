/** The whole answers in what has come back on a connection. Each tells its length. */
export function answersIn(received: Buffer): { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = [];
  for (let at = 0; ; ) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end === -1) return answers;
    const head = received.toString('latin1', at, end);
    const body = end + 4;
    at = body + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (at > received.length) return answers;
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    answers.push({ status, body: received.toString('utf8', body, at) });
  }
}
