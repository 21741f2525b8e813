import type { TFunction } from 'i18next';
import { memo, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Call } from '../../api/types';
import { elapsed, span } from '../../format/format';
import { type CallerState, type Minute, minuteOf, stateAt } from '../../live/caller';
import { useBar, usePbxTick, writeText } from '../../live/hooks';
import { CallerMark } from '../../ui/marks';
import { callPath } from '../paths';
import styles from './CallerRow.module.css';

interface Props {
  readonly call: Call;
  /** From 1; null where positions mean nothing. */
  readonly position: number | null;
  /** Said instead of the position: where the caller is, before any queue. */
  readonly place?: string | undefined;
}

/** One caller's minute. Renders when the call or its state changes; the rest only moves. */
export const CallerRow = memo(function CallerRow({ call, position, place }: Props) {
  const { t } = useTranslation();
  const minute = useMemo(() => minuteOf(call), [call]);
  const [state, setState] = useState<CallerState>(minute.breached ? 'breached' : 'calm');
  const bar = useRef<HTMLSpanElement>(null);
  const waited = useRef<HTMLSpanElement>(null);
  const left = useRef<HTMLSpanElement>(null);

  usePbxTick(call.pbx, (now) => {
    setState(stateAt(minute, now));
    writeText(waited.current, elapsed(now - minute.startMs));
    writeText(left.current, leftText(t, minute, now));
  });
  const over = state === 'breached' || state === 'over';
  useBar(bar, call.pbx, minute, over ? 'fill' : 'drain');

  return (
    <li className={styles.row} data-state={state} data-settled={minute.mark !== null}>
      <Link className={styles.link} to={callPath(call.id)}>
        <span ref={bar} className={styles.bar} />
        <span className={styles.mark}>
          <CallerMark state={state} />
        </span>
        <span className={styles.who}>
          <span className={styles.number}>{call.caller || t('caller.unknownNumber')}</span>
          {position !== null && (
            <span className={styles.position}>
              <span aria-hidden>#{position}</span>
              <span className="sr-only">{t('caller.position', { position })}</span>
            </span>
          )}
          {place !== undefined && place !== '' && <span className={styles.place}>{place}</span>}
          {call.caller_name !== call.caller && (
            <span className={styles.name}>{call.caller_name}</span>
          )}
        </span>
        <span className={styles.waited}>
          <span ref={waited} />
          <span className="sr-only"> {t('caller.waited')}</span>
        </span>
        <span ref={left} className={styles.left} title={settledHelp(t, minute)} />
      </Link>
    </li>
  );
});

type Translate = TFunction;

/** Where the span goes in a sentence; worked out once for a language, not 300 times a second. */
const GAP = '\u0000';
const sentences = new WeakMap<Translate, Map<string, string>>();

function sentence(t: Translate, name: 'left' | 'risk' | 'over', text: string): string {
  let known = sentences.get(t);
  if (known === undefined) {
    known = new Map();
    sentences.set(t, known);
  }
  let pattern = known.get(name);
  if (pattern === undefined) {
    pattern = t(`caller.${name}`, { span: GAP });
    known.set(name, pattern);
  }
  return pattern.replace(GAP, text);
}

function leftText(t: Translate, minute: Minute, shown: number): string {
  const { dueMs, startMs } = minute;
  // Who came since the last whole second has no more left than all of the minute.
  const now = Math.max(shown, startMs);
  const mark = settledMark(t, minute);
  if (dueMs === null) return mark === null ? t('caller.untimed') : mark;
  const over = now >= dueMs;
  if (mark !== null) {
    return over
      ? t('caller.settledOver', { mark, span: span(now - dueMs) })
      : t('caller.settledLeft', { mark, span: span(dueMs - now, true) });
  }
  switch (stateAt(minute, now)) {
    case 'breached':
    case 'over':
      return sentence(t, 'over', span(now - dueMs));
    case 'risk':
      return sentence(t, 'risk', span(dueMs - now, true));
    default:
      return sentence(t, 'left', span(dueMs - now, true));
  }
}

/** Who settled the call's commitment, though the caller waits all the same. */
function settledMark(t: Translate, { mark }: Minute): string | null {
  switch (mark) {
    case null:
      return null;
    case 'voice_server':
      return t('caller.voiceServer');
    case 'agent':
      return t('caller.agent');
    case 'excluded':
      return t('caller.excluded');
  }
}

function settledHelp(t: Translate, { mark }: Minute): string | undefined {
  switch (mark) {
    case null:
      return undefined;
    case 'voice_server':
      return t('caller.voiceServerHelp');
    case 'agent':
      return t('caller.agentHelp');
    case 'excluded':
      return t('caller.excludedHelp');
  }
}
