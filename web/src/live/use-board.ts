import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Call } from '../api/types';
import { type Board, deriveBoard, type Tally, tally } from './board';
import { useLiveStore, useTruth } from './context';
import { frozenAt } from './freeze';
import { nextOrder, type Order, type Severity, severityOf } from './order';
import type { LiveState } from './reducer';

/** What changes with time alone: who is at risk by now, and which queue is worst. */
export interface Standing {
  readonly keys: readonly string[];
  readonly severities: ReadonlyMap<string, Severity>;
  /** Over all callers who are with nobody, in queues and before them. */
  readonly tally: Tally;
}

export function useDerivedBoard(state: LiveState): Board {
  const { calls, queues } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only these two parts are read
  return useMemo(() => deriveBoard(state), [calls, queues]);
}

/** A pointer that was left lying on a wall screen must not stop the order for ever. */
const HOLD_MS = 4_000;

/** The board's standing, looked at each second and with each change; renders only on a change. */
export function useStanding(board: Board, touchedAt: { readonly current: number }): Standing {
  const { ticker } = useLiveStore();
  const { freeze, offsets } = useTruth();
  const order = useRef<Order | null>(null);
  const [standing, setStanding] = useState<Standing>(() => ({
    keys: board.queues.map((queue) => queue.key),
    severities: new Map(),
    tally: { waiting: 0, risk: 0, breached: 0 },
  }));

  useLayoutEffect(() => {
    const look = (now: number) => {
      const nowOf = (call: Call) =>
        (frozenAt(freeze, call.pbx) ?? now) - (offsets.get(call.pbx) ?? 0);
      const next = standingOf(
        board,
        order.current,
        now,
        nowOf,
        performance.now() - touchedAt.current < HOLD_MS,
      );
      order.current = next.order;
      setStanding((before) => (same(before, next.standing) ? before : next.standing));
    };
    look(ticker.now() ?? 0);
    return ticker.subscribe(look);
  }, [board, ticker, freeze, offsets, touchedAt]);

  return standing;
}

function standingOf(
  board: Board,
  previous: Order | null,
  now: number,
  nowOf: (call: Call) => number,
  hold: boolean,
): { order: Order; standing: Standing } {
  const severities = new Map<string, Severity>();
  const sum = { waiting: 0, risk: 0, breached: 0 };
  const ranked = board.queues.map(({ key, queue, callers }) => {
    const counts = tally(callers, nowOf);
    sum.waiting += counts.waiting;
    sum.risk += counts.risk;
    sum.breached += counts.breached;
    const severity = severityOf(counts.waiting, counts.risk, counts.breached);
    severities.set(key, severity);
    // Among queues where all is calm the order stands still.
    const weight = severity === 3 ? counts.breached : severity === 2 ? counts.risk : 0;
    return { key, label: queue.label, severity, weight };
  });
  const before = tally([...board.arriving, ...board.inVoiceServer], nowOf);
  sum.risk += before.risk;
  sum.breached += before.breached;
  const order = nextOrder(previous, ranked, now, hold);
  return { order, standing: { keys: order.keys, severities, tally: sum } };
}

function same(a: Standing, b: Standing): boolean {
  return (
    a.tally.waiting === b.tally.waiting &&
    a.tally.risk === b.tally.risk &&
    a.tally.breached === b.tally.breached &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, index) => key === b.keys[index]) &&
    a.severities.size === b.severities.size &&
    [...a.severities].every(([key, severity]) => b.severities.get(key) === severity)
  );
}
