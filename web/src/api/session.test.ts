import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { noteSession } from './session';
import type { Session } from './types';

const session = (more: Partial<Session> = {}): Session => ({
  name: 'camille',
  role: 'lead',
  queues: null,
  sees_numbers: true,
  kind: 'person',
  zone: 'Europe/Paris',
  service_level: 'answered_only',
  ...more,
});

function read(): QueryClient {
  const cache = new QueryClient();
  noteSession(cache, session());
  cache.setQueryData(['calls', 'queue=sales'], 'calls');
  cache.setQueryData(['draft', 'queues/new'], 'typed');
  return cache;
}

const left = (cache: QueryClient) =>
  cache
    .getQueryCache()
    .getAll()
    .map((query) => query.queryKey[0]);

describe('what was read for a session', () => {
  it('stays while it is the same', () => {
    const cache = read();
    noteSession(cache, session());
    expect(left(cache)).toEqual(['calls', 'draft']);
  });

  it('goes when its rights change, or it ends, but for what its person has typed', () => {
    for (const next of [session({ queues: [] }), session({ sees_numbers: false }), null]) {
      const cache = read();
      noteSession(cache, next);
      expect(left(cache)).toEqual(['draft']);
      noteSession(cache, session());
      expect(left(cache)).toEqual(['draft']);
    }
  });

  it('goes with all when another person signs in after it', () => {
    const cache = read();
    noteSession(cache, null);
    noteSession(cache, session({ name: 'bruno' }));
    expect(left(cache)).toEqual([]);
  });
});
