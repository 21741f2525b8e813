import { describe, expect, it } from 'vitest';
import { modeOf, watches } from './watching';

const rule = { pbx: '', queues: ['support'], enabled: true, dry_run: false, forced: null };
const queue = (name: string, pbx = 'lyon') => ({ name, pbx });

describe('a rule', () => {
  it('watches the queues that its patterns name, on its PBX', () => {
    expect(watches(rule, queue('support'))).toBe(true);
    expect(watches(rule, queue('support2'))).toBe(false);
    expect(watches({ ...rule, pbx: 'paris' }, queue('support'))).toBe(false);
    expect(watches({ ...rule, queues: ['*'] }, queue('any.thing'))).toBe(true);
    expect(watches({ ...rule, queues: ['s?les', 'x'] }, queue('sales'))).toBe(true);
    expect(watches({ ...rule, queues: ['q[0-4]*'] }, queue('q31'))).toBe(true);
    expect(watches({ ...rule, queues: ['q[!0-4]*'] }, queue('q31'))).toBe(false);
    expect(watches({ ...rule, queues: ['a.b'] }, queue('axb'))).toBe(false);
  });

  it('acts, pretends, or rests', () => {
    expect(modeOf(rule)).toBe('armed');
    expect(modeOf({ ...rule, dry_run: true })).toBe('dry_run');
    expect(modeOf({ ...rule, enabled: false })).toBe('off');
    expect(modeOf({ ...rule, forced: false })).toBe('off');
  });
});
