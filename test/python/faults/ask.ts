/** One question to the model, and what came of it. */
export interface Asked {
  readonly status: number;
  readonly text: string;
  /** The first element of the answer. */
  readonly value?: number;
}

export async function ask(url: string, value: number): Promise<Asked> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ inputs: [[value]] }) });
  const text = await response.text();
  if (!response.ok) return { status: response.status, text };
  const { predictions } = JSON.parse(text) as { predictions: [[number]] };
  return { status: response.status, text, value: predictions[0][0] };
}
