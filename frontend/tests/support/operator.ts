/** A server that an operator asks, played: each path answers what a test says, and what was asked is kept. */
import { vi } from 'vitest';
import type { Act, AdminUser, Me } from '../../src/protocol';
import { ana, time, user } from './people';

export const owner: Me = { ...ana, role: 'owner' };

export const account = (name: string, about: Partial<AdminUser> = {}): AdminUser => ({
  ...user(name),
  sessions: 1,
  ...about,
});

export const act = (id: number, about: Partial<Act> = {}): Act => ({
  id: `act-${id}`,
  at: time(id),
  actor: owner,
  action: 'user.role_changed',
  target: { kind: 'user', id: 'u-bo', name: 'bo' },
  ...about,
});

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

type Answer = (asked: Asked) => unknown;

/** What a server says that does not do it. */
export class Refusal {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    this.status = status;
    this.code = code;
  }
}

/** Answers by `METHOD /path`. The request id of a refusal is `request-1`. */
export function serve(answers: Record<string, Answer>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal('fetch', async (address: string, { method = 'GET', body }: RequestInit) => {
    const { pathname: path, searchParams: query } = new URL(address, 'http://roost');
    const asked = { method, path, query, body: typeof body === 'string' ? JSON.parse(body) : undefined };
    all.push(asked);
    const answer = answers[`${method} ${path}`]?.(asked) ?? new Refusal(404, 'not_found');
    if (answer instanceof Refusal) {
      const problem = { code: answer.code, detail: `It is ${answer.code}.` };
      return new Response(JSON.stringify(problem), {
        status: answer.status,
        headers: { 'x-request-id': 'request-1' },
      });
    }
    return new Response(JSON.stringify(answer));
  });
  return all;
}
