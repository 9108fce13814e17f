/** What the server answers to REST in a test: one answer for every request, until another is given. */
import { vi } from 'vitest';

export const A_REQUEST = '0b7e4f3c-1111-4222-8333-944445555666';

/** `undefined` is an answer that never comes. */
export function answerWith(status: number | undefined, body: unknown = {}): void {
  const answer = () =>
    status === undefined
      ? new Promise<Response>(() => {})
      : Promise.resolve(
          new Response(JSON.stringify(body), { status, headers: { 'x-request-id': A_REQUEST } }),
        );
  vi.stubGlobal('fetch', vi.fn(answer));
}

export const refusal = (code: string) => ({ code, detail: `it is ${code}` });
