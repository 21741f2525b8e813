import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { useErrorText } from '../../shell/Notice';
import { type Fetched, save } from '../../ui/saving';
import type { Range } from '../history/range';
import { packFile } from './queries';

const USUAL_WAIT_S = 30;
/** Seldom enough that the page does not shake. */
const TOLD_MS = 200;

interface State {
  readonly running: boolean;
  readonly bytes: number;
  readonly cancelled: boolean;
  readonly taken: Fetched | null;
  readonly fault: string | null;
}

const IDLE: State = { running: false, bytes: 0, cancelled: false, taken: null, fault: null };

/** One pack at a time; leaving the page gives it up. */
export function usePack() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [state, setState] = useState(IDLE);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const words = (error: unknown): string => {
    if (!(error instanceof ApiError)) return errorText(error);
    if (error.status === 429) {
      return t('evidence.fault.busy', { seconds: error.retryAfter ?? USUAL_WAIT_S });
    }
    if (error.code === 'not_sealed') return t('evidence.fault.not_sealed');
    return error.code === 'broken' ? t('evidence.fault.broken') : errorText(error);
  };

  const start = async (range: Range) => {
    const controller = new AbortController();
    stop.current = controller;
    setState({ ...IDLE, running: true });
    let told = 0;
    try {
      const taken = await packFile(range, controller.signal, (bytes) => {
        if (performance.now() - told < TOLD_MS) return;
        told = performance.now();
        setState((before) => ({ ...before, bytes }));
      });
      save(taken);
      setState({ ...IDLE, taken });
    } catch (error) {
      setState(
        controller.signal.aborted ? { ...IDLE, cancelled: true } : { ...IDLE, fault: words(error) },
      );
    }
  };
  return {
    ...state,
    start: (range: Range) => void start(range),
    cancel: () => stop.current?.abort(),
  };
}
