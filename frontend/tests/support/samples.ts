/** Made-up numbers of made-up nodes. */
import type { NodeTold, Sample } from '../../src/protocol';

/** A second in which nothing happened. */
export function sample(at: number, about: Partial<Sample> = {}): Sample {
  return {
    at,
    seconds: 1,
    connections: { websocket: 0, polling: 0 },
    opened: 0,
    ended: 0,
    received: 0,
    messages: 0,
    refused: 0,
    failed: 0,
    deliveries: 0,
    bytes: 0,
    waiting: 0,
    behind: 0,
    blocked: 0,
    hintsDropped: 0,
    resets: 0,
    slowClosed: 0,
    limited: 0,
    delivery: [],
    acknowledgement: [],
    commit: [],
    cpuMs: 0,
    rssBytes: 0,
    lagUs: 0,
    store: { busy: 0, idle: 0, max: 0 },
    vitals: { releases: [], ack: [], cls: [], reconnects: 0, failedSends: 0, sessions: 0 },
    ...about,
  };
}

/** The seconds from one to another, all alike. */
export const seconds = (from: number, to: number, about: Partial<Sample> = {}): Sample[] =>
  Array.from({ length: to - from + 1 }, (_, place) => sample(from + place, about));

export function node(nodeId: string, startedAt = 0, version = '1.0.0'): Omit<NodeTold, 'sample'> {
  return { nodeId, version, startedAt: new Date(startedAt * 1_000).toISOString() };
}
