import { describe, expect, it } from 'vitest';
import { freezeOf, frozenAt } from './freeze';
import { at, pbx, T0 } from './samples';

const live = { kind: 'live' } as const;
const stale = { kind: 'stale', reason: 'closed', asOf: T0 + 9_000 } as const;

describe('what is shown', () => {
  it('is live while the stream and the link are', () => {
    expect(frozenAt(freezeOf(live, [pbx('connected')]), 'lab')).toBeNull();
  });

  it('is frozen as of the last message when the stream is gone', () => {
    expect(frozenAt(freezeOf(stale, [pbx('connected')]), 'lab')).toBe(T0 + 9_000);
  });

  it('of one PBX is frozen since its link was lost, and only of that one', () => {
    const freeze = freezeOf(live, [pbx('lost', 5), { ...pbx('connected'), name: 'other' }]);
    expect(frozenAt(freeze, 'lab')).toBe(T0 + 5_000);
    expect(frozenAt(freeze, 'other')).toBeNull();
  });

  it('stays frozen as of the loss while the monitor catches up', () => {
    const catchingUp = { ...pbx('resyncing', 20), blind_since: at(5) };
    expect(frozenAt(freezeOf(live, [catchingUp]), 'lab')).toBe(T0 + 5_000);
  });

  it('is as old as the older of the two', () => {
    expect(frozenAt(freezeOf(stale, [pbx('lost', 5)]), 'lab')).toBe(T0 + 5_000);
  });
});
